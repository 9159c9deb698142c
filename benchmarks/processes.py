"""Measures a command together with all processes that it starts, on Linux.

Spark is such a command: what computes is a Java process that dbt's starts and that ends
after it, so that the operating system does not count it as a part of dbt's.
"""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Measured, ending

_SAMPLE_SECONDS = 0.2
_PATIENCE_SECONDS = 30.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A process as /proc/<pid>/stat has it.

    is_alive is false of what has ended and was not waited for yet. started, in clock
    ticks since the machine started, tells processes apart to which the same number was
    given.
    """

    pid: int
    session: int
    is_alive: bool
    started: int
    cpu_seconds: float
    resident_bytes: int

    @classmethod
    def of(cls, stat: str) -> "Process":
        """Read one line of /proc/<pid>/stat.

        >>> line = "7 (a b) S 1 7 6 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 99 0 3"
        >>> Process.of(line)._replace(cpu_seconds=2.0, resident_bytes=12288)
        Process(pid=7, session=6, is_alive=True, started=99, cpu_seconds=2.0, \
resident_bytes=12288)
        """
        # The name stands in brackets and may hold any character.
        before, _, after = stat.rpartition(")")
        fields = after.split()
        return cls(
            pid=int(before.split("(")[0]),
            session=int(fields[3]),
            is_alive=fields[0] not in "ZX",
            started=int(fields[19]),
            cpu_seconds=(int(fields[11]) + int(fields[12])) / _TICKS,
            resident_bytes=int(fields[21]) * _PAGE,
        )


class Session:
    """A command that runs in a session of its own, with all that it has started.

    Each look takes note of what the processes have used; one that lived and ended
    between two looks is missed.
    """

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str]
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._cpu_seconds: dict[tuple[int, int], float] = {}
        self._alive: list[Process] = []

    def look(self) -> None:
        """Look at the processes as they are now."""
        mine = [each for each in running() if each.session == self.process.pid]
        for each in mine:
            self._cpu_seconds[each.pid, each.started] = each.cpu_seconds
        self._alive = [each for each in mine if each.is_alive]

    @property
    def cpu_seconds(self) -> float:
        """The CPU time of all, as far as it was seen."""
        return sum(self._cpu_seconds.values())

    @property
    def resident_bytes(self) -> int:
        """The memory of all together; what they share counts for each."""
        return sum(process.resident_bytes for process in self._alive)

    def has_ended(self) -> bool:
        """Wait a moment for the command itself."""
        try:
            self.process.wait(_SAMPLE_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self, patience: float = 0.0, first: int | None = None) -> int:
        """End all processes and return the command's exit code.

        They get the signal `first`, if there is one, and so many seconds to end by
        themselves.
        """
        self.look()
        if first is not None:
            self._send(first)
        deadline = time.monotonic() + patience
        while self._alive and time.monotonic() < deadline:
            self.has_ended()
            time.sleep(_SAMPLE_SECONDS / 2)
            self.look()
        while self._alive:
            self._send(signal.SIGKILL)
            self.look()
        return self.process.wait()

    def _send(self, number: int) -> None:
        for each in self._alive:
            # It may have ended since the look.
            with suppress(ProcessLookupError):
                os.kill(each.pid, number)


def running() -> list[Process]:
    """Return all processes of this machine."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # It may end while it is read.
            with suppress(OSError):
                found.append(Process.of((folder / "stat").read_text()))
    return found


def run_with_children(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Measured:
    """Run a command to its end, and until what it has started has ended too.

    Time and memory are those of all processes together, the wall time is that of the
    command alone. timeout (seconds) and whatever interrupts this end all of them.
    """
    begin = time.perf_counter()
    session = Session(command, log, environment or {})
    samples: list[tuple[float, int]] = []
    patience = 0.0
    try:
        while not (is_over := session.has_ended()):
            session.look()
            samples.append((time.time(), session.resident_bytes))
            if timeout and time.perf_counter() - begin > timeout:
                break
        wall_seconds = time.perf_counter() - begin
        patience = _PATIENCE_SECONDS if is_over else 0.0
    finally:
        exit_code = session.end(patience)
    return Measured(
        wall_seconds,
        session.cpu_seconds,
        max((size for _, size in samples), default=0),
        ending(exit_code, not is_over, log),
        tuple(samples),
    )
