"""What became of a build whose cluster lost a worker, and whether all is well."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.cluster.eventlog import SUCCESS, EventLog, Task


def happened(
    log: EventLog, executors: Mapping[str, set[str]], killed_at: float | None
) -> dict[str, Any]:
    """Return what each worker did, which executors were lost and what was done again.

    executors are those of each worker, by its name; times are in seconds since the
    first executor came.
    """
    begin = min((each.added_at for each in log.executors.values()), default=0.0)
    end = max((task.finished_at for task in log.tasks), default=begin)
    again = [task for task in log.tasks if task.stage_attempt]
    return {
        "workers": {
            worker: _work(log.tasks_of(ids)) for worker, ids in executors.items()
        },
        "seconds": round(end - begin, 1),
        "killed_after_seconds": killed_at and round(killed_at - begin, 1),
        "lost_executors": [
            {
                "executor_id": each.executor_id,
                "after_seconds": round(each.removed_at - begin, 1),
                "reason": each.reason,
            }
            for each in log.executors.values()
            # At the end all are removed.
            if each.removed_at is not None and each.removed_at < end
        ],
        "repeated_stage_count": len({task.stage_id for task in again}),
        "repeated_task_count": len(again),
    }


def _work(tasks: list[Task]) -> dict[str, Any]:
    ended = Counter(task.ended for task in tasks)
    return {
        "finished_count": ended.pop(SUCCESS, 0),
        "failed_counts": dict(ended),
        "busy_seconds": round(sum(t.finished_at - t.launched_at for t in tasks), 1),
        "cpu_seconds": round(sum(task.cpu_seconds for task in tasks), 1),
    }


def torn_tables(folder: Path) -> list[str]:
    """Return the tables below a folder that hold what a task wrote and none took over.

    Spark refuses to make a table where such files are, unless its catalog knows it.
    """
    torn = {
        file.relative_to(folder).parts[1]
        for pattern in ("*.db/*/**/_temporary", "*.db/*/**/.spark-staging*")
        for file in folder.glob(pattern)
    }
    return sorted(torn)


def doubts(result: Mapping[str, Any]) -> list[str]:
    """Return what keeps a result from showing that a cluster survives, in sentences."""
    found = [
        f"No task was finished on {worker}."
        for worker, work in result["workers"].items()
        if not work["finished_count"]
    ]
    if result["kill_during"] and result["killed_after_seconds"] is None:
        found.append(f"No worker was killed: {result['kill_during']} came and went.")
    if result["killed_after_seconds"] is not None and not result["lost_executors"]:
        found.append("A worker was killed, but Spark has not lost an executor.")
    if result["verdicts"].get("differs"):
        found.append(f"{result['verdicts']['differs']} tables differ from DuckDB's.")
    if result["torn_tables"]:
        found.append(f"Half-written tables: {', '.join(result['torn_tables'])}.")
    return found
