"""Runs a command and measures what it costs: time, CPU time and memory."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

GIB = 2**30
_SAMPLE_SECONDS = 0.05
# Linux counts the peak in KiB, macOS in bytes.
_PEAK_UNIT = 1024 if os.uname().sysname == "Linux" else 1


class Measured(NamedTuple):
    """What a process and its children cost, and how it ended.

    samples: (seconds since the epoch, resident bytes of the process) about 20 times a
    second; empty where there is no /proc.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    ended: str
    samples: tuple[tuple[float, int], ...]

    def costs(self) -> dict[str, Any]:
        """Return what is reported of a run."""
        return {
            "ended": self.ended,
            "wall_seconds": round(self.wall_seconds, 2),
            "cpu_seconds": round(self.cpu_seconds, 2),
            "peak_bytes": self.peak_bytes,
        }

    def peak_between(self, begin: float, end: float) -> int | None:
        """Return the most that was resident between two times, if that was sampled."""
        sampled = [size for at, size in self.samples if begin <= at <= end]
        return max(sampled, default=None)


def run_measured(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    address_space: int | None = None,
    timeout: float | None = None,
) -> Measured:
    """Run a command to its end, its output going to a file.

    address_space (bytes) and timeout (seconds) end a process that would otherwise take
    the machine down; `ended` is 'ok', 'time limit', 'memory limit' or the exit code.
    """

    def limit_memory() -> None:
        if address_space:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=limit_memory,
        )
        samples: list[tuple[float, int]] = []
        watcher = threading.Thread(target=_sample, args=(process.pid, samples))
        stopped = threading.Event()
        alarm = threading.Timer(timeout or 1e6, _stop, (process.pid, stopped))
        watcher.start()
        alarm.start()
        # Unlike Popen.wait, wait4 tells what this child alone has used.
        _, status, used = os.wait4(process.pid, 0)
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    return Measured(
        time.perf_counter() - begin,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * _PEAK_UNIT,
        ending(process.returncode, stopped.is_set(), log),
        tuple(samples),
    )


def run_script(
    module: str,
    *arguments: str | Path,
    log: Path,
    threads: int,
    gib: float,
    minutes: float,
    blas_threads: int | None = None,
) -> Measured:
    """Run a script of the benchmarks, within limits of address space and time.

    blas_threads are those of linear algebra, where they are not the others.
    """
    return run_measured(
        [sys.executable, "-m", module, *map(str, arguments)],
        log=log,
        environment={
            "PYTHONPATH": str(Path(__file__).parent.parent),
            "PYTHONWARNINGS": "ignore",
            "OMP_NUM_THREADS": str(threads),
            "OPENBLAS_NUM_THREADS": str(blas_threads or threads),
            # Threads that wait for each other shall not burn CPU time.
            "OMP_WAIT_POLICY": "PASSIVE",
        },
        address_space=int(gib * GIB),
        timeout=minutes * 60,
    )


def _sample(pid: int, samples: list[tuple[float, int]]) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    statm = Path(f"/proc/{pid}/statm")
    while True:
        try:
            resident = int(statm.read_text().split()[1]) * page
        except (OSError, IndexError):
            return
        # A process that has ended but was not waited for yet has no memory.
        if not resident:
            return
        samples.append((time.time(), resident))
        time.sleep(_SAMPLE_SECONDS)


def _stop(pid: int, stopped: threading.Event) -> None:
    stopped.set()
    os.kill(pid, signal.SIGKILL)


def ending(exit_code: int, was_stopped: bool, log: Path) -> str:
    """Say how a process ended, in the words of `Measured.ended`."""
    if was_stopped:
        return "time limit"
    if exit_code == 0:
        return "ok"
    text = log.read_text(encoding="utf-8", errors="replace")
    out_of_memory = ("MemoryError", "Unable to allocate", "bad_alloc", "malloc of size")
    if any(sign in text for sign in out_of_memory):
        return "memory limit"
    return f"exit code {exit_code}"
