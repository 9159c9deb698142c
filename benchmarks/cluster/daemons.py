"""Starts a Spark master and workers from the installed pyspark, on loopback only."""

import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import Session

HOST = "127.0.0.1"
_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_DEPLOY = "org.apache.spark.deploy"


class Daemon(NamedTuple):
    """A process of the cluster with all that it has started, and where they write."""

    name: str
    session: Session
    log: Path
    scratch: Path

    def await_line(self, pattern: str) -> str:
        """Wait until a line of the log matches and return the pattern's first group.

        Raises:
            RuntimeError: The process ends before that, or takes too long.

        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            is_over = self.session.has_ended()
            if found := re.search(pattern, self._text()):
                return found[1]
            if is_over:
                break
        raise RuntimeError(f"The {self.name} did not start; {self.log} says why.")

    def executor_ids(self) -> set[str]:
        """Return the executors that a worker has started, by their numbers."""
        return set(re.findall(r"Asked to launch executor \S+/(\d+)", self._text()))

    def has_written_since(self, moment: float) -> bool:
        """Tell whether tasks here have left rows for others since some epoch second."""
        for file in self.scratch.glob("**/shuffle_*.data"):
            # What no task needs any more is deleted at any time.
            with suppress(FileNotFoundError):
                if file.stat().st_mtime >= moment:
                    return True
        return False

    def _text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Cluster(NamedTuple):
    """A master, by its URL, and its workers; environment is what a driver needs."""

    url: str
    workers: list[Daemon]
    environment: dict[str, str]


@contextmanager
def cluster(
    folder: Path, worker_count: int, memory: str, settings: Mapping[str, str]
) -> Iterator[Cluster]:
    """Run a master and workers of one core each, as long as the context lasts.

    memory, such as `1g`, is that of each worker's one executor. Ports are free ones.
    All that is written goes below the folder, whose path is absolute; settings are of
    drivers and executors.
    """
    sizes = {"spark.executor.memory": memory, "spark.executor.cores": "1"}
    environment = spark_environment(folder, {**sizes, **settings})
    with ExitStack() as started:

        def start(name: str, *arguments: str) -> Daemon:
            daemon = _start(name, folder, environment, *arguments)
            started.callback(daemon.session.end, _STOP_SECONDS, signal.SIGTERM)
            return daemon

        # Port 0 is any free one.
        anywhere = ("--host", HOST, "--port", "0", "--webui-port", "0")
        master = start("master", f"{_DEPLOY}.master.Master", *anywhere)
        url = master.await_line(r"Starting Spark master at (spark://\S+)")
        size = ("--cores", "1", "--memory", memory)
        workers = []
        for number in range(1, worker_count + 1):
            name = f"worker{number}"
            place = ("--work-dir", str(folder / name))
            main = f"{_DEPLOY}.worker.Worker"
            workers.append(start(name, main, *anywhere, *size, *place, url))
        for worker in workers:
            worker.await_line("(Successfully registered with master)")
        yield Cluster(url, workers, {**environment, "MERCATO_SPARK_MASTER": url})


def spark_environment(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of Spark's processes, with settings in a file of a folder.

    Settings that a profile names win over these.
    """
    file = folder / "conf" / "spark-defaults.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    everywhere = {
        "spark.driver.host": HOST,
        # A second door to the master, on a port of its own.
        "spark.master.rest.enabled": "false",
    }
    lines = [f"{name} {value}\n" for name, value in {**everywhere, **settings}.items()]
    file.write_text("".join(lines), encoding="utf-8")
    return {
        "SPARK_HOME": str(_spark_home()),
        "SPARK_CONF_DIR": str(file.parent),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "PYSPARK_PYTHON": sys.executable,
    }


def _start(
    name: str, folder: Path, environment: Mapping[str, str], *arguments: str
) -> Daemon:
    log, scratch = folder / f"{name}.log", folder / name / "scratch"
    scratch.mkdir(parents=True)
    command = [str(_spark_home() / "bin" / "spark-class"), *arguments]
    places = {**environment, "SPARK_LOCAL_DIRS": str(scratch)}
    return Daemon(name, Session(command, log, places), log, scratch)


def _spark_home() -> Path:
    """Return the folder of the installed pyspark, which has the whole of Spark.

    Raises:
        ModuleNotFoundError: It is not installed.

    """
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("pyspark is missing: install the extra `spark`.")
    return Path(found.origin).parent
