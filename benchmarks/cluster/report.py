"""Writes what became of a cluster as Markdown."""

from collections.abc import Mapping
from typing import Any

from benchmarks.report import mib, table


def as_markdown(result: Mapping[str, Any]) -> str:
    """Return what each worker did, what was lost and how the results compare."""
    sizes, workers = result["sizes"], result["workers"]
    return "\n".join(
        [
            f"# A cluster that loses a worker, x{result['scale']:g}",
            "",
            f"{result['node_count']} nodes of {sizes['event_count']:,} events and "
            f"{sizes['order_line_count']:,} order lines, by {len(workers)} workers of "
            f"one core and {result['worker_memory']} each. Measured "
            f"{result['measured_at']} on {result['cpu_count']} cores, load average "
            f"{result['load_average']} before.",
            "",
            *_workers(workers),
            "",
            *_runs(result["runs"]),
            "",
            *(f"- {sentence}" for sentence in _sentences(result)),
            "",
        ]
    )


def _workers(workers: Mapping[str, Any]) -> list[str]:
    rows = [
        (
            name,
            f"{work['finished_count']:,}",
            ", ".join(f"{count} {why}" for why, count in work["failed_counts"].items()),
            f"{work['busy_seconds']:.0f}",
            f"{work['cpu_seconds']:.0f}",
        )
        for name, work in workers.items()
    ]
    header = (
        "worker",
        "tasks finished",
        "tasks that failed",
        "s of tasks",
        "CPU s of tasks",
    )
    return table(header, rows)


def _runs(runs: Mapping[str, Any]) -> list[str]:
    rows = [
        (
            engine,
            run["ended"],
            f"{run['wall_seconds']:.0f}",
            f"{run['cpu_seconds']:.0f}",
            mib(run["peak_bytes"]),
        )
        for engine, run in runs.items()
    ]
    header = ("build on", "ended", "wall s", "CPU s of dbt", "peak MiB of dbt")
    return table(header, rows)


def _sentences(result: Mapping[str, Any]) -> list[str]:
    """Say what happened, in the order in which it did."""
    said = []
    if result["killed_after_seconds"] is not None:
        said.append(
            f"The first worker was killed {result['killed_after_seconds']:.0f} s into "
            f"{result['seconds']:.0f} s, during `{result['kill_during']}`."
        )
    said += [
        f"Executor {lost['executor_id']} was lost after {lost['after_seconds']:.0f} s: "
        f"{lost['reason'].splitlines()[0]}"
        for lost in result["lost_executors"]
    ]
    said.append(
        "Finished tasks run again, since the rows that they had left for others were "
        f"lost: {result['repeated_task_count']}; their stages: "
        f"{result['repeated_stage_count']}."
    )
    counts = [f"{count} {verdict}" for verdict, count in result["verdicts"].items()]
    said.append(f"Tables of core and marts against DuckDB's: {', '.join(counts)}.")
    return [*said, *result["doubts"]]
