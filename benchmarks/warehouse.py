"""Builds a warehouse, or some models of it, and tells what each part of it cost."""

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measure import Measured, run_measured

ROOT = Path(__file__).parent.parent


class Node(NamedTuple):
    """One node of the build: its layer, when it ran (epoch seconds) and its peak."""

    name: str
    layer: str
    begin: float
    end: float
    peak_bytes: int | None

    @property
    def seconds(self) -> float:
        """Wall time of the node; several nodes run at a time."""
        return self.end - self.begin


class Build(NamedTuple):
    """A measured build with its nodes, the most expensive first."""

    measured: Measured
    nodes: list[Node]

    def layers(self) -> dict[str, dict[str, float]]:
        """Return for each layer its nodes' summed seconds and the highest peak."""
        totals: dict[str, dict[str, float]] = {}
        for node in sorted(self.nodes, key=lambda node: node.begin):
            total = totals.setdefault(
                node.layer, {"seconds": 0.0, "peak_bytes": 0, "node_count": 0}
            )
            total["seconds"] += node.seconds
            total["peak_bytes"] = max(total["peak_bytes"], node.peak_bytes or 0)
            total["node_count"] += 1
        return totals

    def seconds_of(self, names: tuple[str, ...]) -> float:
        """Return the summed wall time of some models, without their tests."""
        return sum(node.seconds for node in self.nodes if node.name in names)


def new_workspace(folder: Path) -> None:
    """Empty the folder of a warehouse, so that the next build is the first one."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def build(folder: Path, data: Path, name: str, *, threads: int = 2) -> Build:
    """Build and test the warehouse of a folder from a folder of files."""
    command = [sys.executable, "-m", "mercato", "build", "--project-dir", str(ROOT)]
    command += ["--input", str(data), "--threads", str(threads)]
    return _run(command, folder, name)


def build_models(
    folder: Path,
    data: Path,
    name: str,
    select: str,
    *,
    threads: int = 2,
    timeout: float | None = None,
    target: str = "duckdb",
    environment: Mapping[str, str] | None = None,
    run: Callable[..., Measured] = run_measured,
) -> Build:
    """Build the selected models and what they need of a warehouse, without a test.

    select is in dbt's syntax, target one of the profile; timeout is in seconds. run is
    what runs and measures the command.
    """
    # The dbt that is installed beside the Python that runs this.
    dbt = "from dbt.cli.main import cli; cli()"
    command = [sys.executable, "-c", dbt, "build", "--project-dir", str(ROOT)]
    command += ["--profiles-dir", str(ROOT / "profiles"), "--target", target]
    command += ["--threads", str(threads)]
    command += ["--vars", json.dumps({"input": str(data)}), "--select", select]
    command += ["--exclude-resource-type", "test", "unit_test"]
    return _run(
        command, folder, name, target, run, timeout=timeout, environment=environment
    )


def _run(
    command: list[str],
    folder: Path,
    name: str,
    target: str = "duckdb",
    run: Callable[..., Measured] = run_measured,
    *,
    timeout: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> Build:
    places = {
        "MERCATO_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "MERCATO_SPARK_WAREHOUSE": str(folder / "spark"),
        "MERCATO_PUBLISHED": str(folder / "published"),
        "DBT_TARGET_PATH": str(folder / f"target_{target}"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    measured = run(
        command,
        log=folder / f"{name}.log",
        environment={**places, **(environment or {})},
        timeout=timeout,
    )
    results = folder / f"target_{target}" / "run_results.json"
    if measured.ended != "ok" or not results.exists():
        return Build(measured, [])
    text = results.read_text(encoding="utf-8")
    return Build(measured, _nodes(json.loads(text)["results"], measured))


def _nodes(results: list[dict[str, Any]], measured: Measured) -> list[Node]:
    nodes = []
    for result in results:
        executed = [step for step in result["timing"] if step["name"] == "execute"]
        if not executed or not executed[0].get("completed_at"):
            continue
        begin, end = (
            datetime.fromisoformat(executed[0][key].replace("Z", "+00:00")).timestamp()
            for key in ("started_at", "completed_at")
        )
        kind, _, name = result["unique_id"].split(".")[:3]
        peak = measured.peak_between(begin, end)
        nodes.append(Node(name, _layer(kind, name), begin, end, peak))
    return sorted(nodes, key=lambda node: -node.seconds)


def _layer(kind: str, name: str) -> str:
    """Return the layer of a node: the folder of a model, or what else it is."""
    if kind != "model":
        return {"test": "tests", "unit_test": "unit tests", "seed": "seeds"}.get(
            kind, kind
        )
    if list((ROOT / "python_models").rglob(f"{name}.py")):
        return "python_models"
    files = list((ROOT / "models").rglob(f"{name}.*"))
    return files[0].relative_to(ROOT / "models").parts[0]
