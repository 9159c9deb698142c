"""Kills a worker of a cluster while it works on a model."""

import re
import threading
import time
from pathlib import Path

from benchmarks.cluster.daemons import Daemon


class Saboteur(threading.Thread):
    """Waits until a worker is busy with a model, then kills all its processes.

    model is the name that dbt writes when it starts it. From then on the worker may
    work for so many seconds of CPU time, and until it holds rows that others have yet
    to fetch. It is killed as a machine dies: without a signal that it could answer.
    killed_at, in seconds since the epoch, is None until then.
    """

    def __init__(
        self, worker: Daemon, build_log: Path, model: str, cpu_seconds: float
    ) -> None:
        super().__init__(name="saboteur", daemon=True)
        self.killed_at: float | None = None
        self._worker = worker
        self._build_log = build_log
        self._model = model
        self._cpu_seconds = cpu_seconds
        self._over = threading.Event()

    def run(self) -> None:
        """Wait and kill, unless it is over before that."""
        session = self._worker.session
        while not self._has_started():
            if self._over.wait(0.1):
                return
        started_at = time.time()
        session.look()
        used = begin = session.cpu_seconds
        while not self._over.wait(0.1):
            session.look()
            is_busy = session.cpu_seconds > used
            used = session.cpu_seconds
            if (
                is_busy
                and used - begin >= self._cpu_seconds
                and self._worker.has_written_since(started_at)
            ):
                self.killed_at = time.time()
                session.end()
                return

    def stop(self) -> None:
        """Kill no more."""
        self._over.set()
        if self.is_alive():
            self.join()

    def _has_started(self) -> bool:
        if not self._build_log.exists():
            return False
        text = self._build_log.read_text(encoding="utf-8", errors="replace")
        started = rf"\d+ of \d+ START .*\.{re.escape(self._model)} "
        return re.search(started, text) is not None
