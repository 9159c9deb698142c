"""What Spark did, read from the event log that a driver writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

SUCCESS = "Success"
_PREFIX = '{"Event":"SparkListener'


class Executor(NamedTuple):
    """A process that ran tasks; times are seconds since the epoch.

    removed_at and reason are empty of one that was there to the end.
    """

    executor_id: str
    added_at: float
    removed_at: float | None
    reason: str


class Task(NamedTuple):
    """One attempt at a task.

    stage_attempt is above 0 where a stage was run again because what it had written was
    lost; ended is Success or what kept it from that, in Spark's words; cpu_seconds and
    what follows are zero of a task that was lost.
    """

    stage_id: int
    stage_attempt: int
    executor_id: str
    ended: str
    launched_at: float
    finished_at: float
    cpu_seconds: float
    shuffled_bytes: int
    shuffled_row_count: int
    spilled_bytes: int


class EventLog(NamedTuple):
    """What an application did from start to end."""

    executors: dict[str, Executor]
    tasks: list[Task]

    def tasks_of(self, executor_ids: set[str]) -> list[Task]:
        """Return the tasks that some executors were given."""
        return [task for task in self.tasks if task.executor_id in executor_ids]

    def largest_shuffle(self) -> tuple[int, int]:
        """Return the bytes and the rows of the stage that wrote most to a shuffle."""
        written: dict[int, tuple[int, int]] = {}
        for task in self.tasks:
            if task.ended == SUCCESS and task.stage_attempt == 0:
                size, rows = written.get(task.stage_id, (0, 0))
                written[task.stage_id] = (
                    size + task.shuffled_bytes,
                    rows + task.shuffled_row_count,
                )
        return max(written.values(), default=(0, 0))


def settings(folder: Path) -> dict[str, str]:
    """Return the settings of Spark that make a driver write its log to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.absolute().as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    }


def read(folder: Path) -> EventLog:
    """Read the one log of a folder, also that of a driver that was killed.

    Raises:
        ValueError: The folder has no log, or more than one.

    """
    files = [file for file in folder.iterdir() if not file.name.endswith(".crc")]
    if len(files) != 1:
        raise ValueError(f"len(files) == {len(files)} in {folder}, must be == 1.")
    executors: dict[str, Executor] = {}
    tasks = []
    for event in _events(files[0]):
        kind, at = event["Event"], event.get("Timestamp", 0) / 1000
        if kind == "SparkListenerExecutorAdded":
            name = event["Executor ID"]
            executors[name] = Executor(name, at, None, "")
        elif kind == "SparkListenerExecutorRemoved":
            name = event["Executor ID"]
            lost = {"removed_at": at, "reason": event["Removed Reason"]}
            executors[name] = executors[name]._replace(**lost)
        elif kind == "SparkListenerTaskEnd":
            tasks.append(_task(event))
    return EventLog(executors, tasks)


def _events(file: Path) -> Iterator[dict[str, Any]]:
    wanted = tuple(
        f'{_PREFIX}{kind}"' for kind in ("ExecutorAdded", "ExecutorRemoved", "TaskEnd")
    )
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            # Most of a log are plans, each as long as a book.
            if line.startswith(wanted):
                yield json.loads(line)


def _task(event: dict[str, Any]) -> Task:
    info, metrics = event["Task Info"], event.get("Task Metrics") or {}
    shuffled = metrics.get("Shuffle Write Metrics", {})
    return Task(
        stage_id=event["Stage ID"],
        stage_attempt=event["Stage Attempt ID"],
        executor_id=info["Executor ID"],
        ended=event["Task End Reason"]["Reason"],
        launched_at=info["Launch Time"] / 1000,
        finished_at=info["Finish Time"] / 1000,
        cpu_seconds=metrics.get("Executor CPU Time", 0) / 1e9,
        shuffled_bytes=shuffled.get("Shuffle Bytes Written", 0),
        shuffled_row_count=shuffled.get("Shuffle Records Written", 0),
        spilled_bytes=metrics.get("Disk Bytes Spilled", 0),
    )
