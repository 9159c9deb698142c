"""Build a shop on a cluster of one machine, kill a worker in the middle, and compare.

Run it with `python -m benchmarks.cluster 10`; docs/scaling.md says what came out.
"""

import argparse
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.cluster import eventlog
from benchmarks.cluster.daemons import Cluster, cluster
from benchmarks.cluster.outcome import doubts, happened, torn_tables
from benchmarks.cluster.report import as_markdown
from benchmarks.cluster.sabotage import Saboteur
from benchmarks.engines import COMPARED, DUCKDB, MARTS, SPARK, build_marts, verdicts
from benchmarks.generate import Sizes, generate_once
from benchmarks.parity.engines import compare_all
from benchmarks.warehouse import ROOT, Build, new_workspace

# A Python model beside the marts: the driver runs it, and what it needs of another.
MODELS = (*MARTS, "feat_snapshot__online_states")
WORKER_COUNT = 2


def main() -> int:
    options = _options()
    # A signal ends the processes of the cluster as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    result = measure(options)
    options.results.mkdir(parents=True, exist_ok=True)
    target = options.results / f"cluster_x{options.scale:g}"
    target.with_suffix(".json").write_text(
        json.dumps(result, indent=2) + "\n", encoding="utf-8"
    )
    target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")
    print(as_markdown(result))
    for doubt in result["doubts"]:
        print(doubt, file=sys.stderr)
    return int(bool(result["doubts"]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster")
    parser.add_argument(
        "scale", type=float, nargs="?", default=10, help="1 is 100,000 order lines"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--memory", default="3GB", help="of DuckDB and of the driver")
    parser.add_argument("--worker-memory", default="1g", help="of each executor")
    parser.add_argument("--minutes", type=float, default=60, help="limit of each build")
    parser.add_argument(
        "--kill-during", default="sessions", help="the model in which a worker is lost"
    )
    parser.add_argument(
        "--kill-after", type=float, default=2, help="its CPU seconds from then on"
    )
    parser.add_argument("--no-kill", dest="kill", action="store_false")
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Build on DuckDB and on a cluster that loses a worker; say what happened."""
    folder = options.cache.resolve() / f"x{options.scale:g}"
    generate_once(folder / "input", options.scale)
    workspace = folder / "cluster"
    new_workspace(workspace)
    load_average = round(os.getloadavg()[0], 1)
    builds = {DUCKDB: _build(DUCKDB, workspace, options, {})}
    log = workspace / "events"
    settings = eventlog.settings(log)
    with cluster(workspace, WORKER_COUNT, options.worker_memory, settings) as running:
        builds[SPARK], killed_at = _build_and_kill(running, workspace, options)
        executors = {each.name: each.executor_ids() for each in running.workers}
    result = {
        "scale": options.scale,
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "load_average": load_average,
        "cpu_count": os.cpu_count(),
        "worker_memory": options.worker_memory,
        "kill_during": options.kill_during if options.kill else None,
        "sizes": Sizes.of(options.scale)._asdict(),
        "runs": {name: built.measured.costs() for name, built in builds.items()},
        "node_count": len(builds[SPARK].nodes),
        **happened(eventlog.read(log), executors, killed_at),
        "verdicts": verdicts(compare_all(workspace, COMPARED)),
        "torn_tables": torn_tables(workspace / "spark" / "tables"),
    }
    return result | {"doubts": doubts(result)}


def _build(
    engine: str,
    workspace: Path,
    options: argparse.Namespace,
    environment: dict[str, str],
) -> Build:
    print(f"x{options.scale:g}: {engine}", flush=True)
    built = build_marts(
        engine,
        workspace,
        workspace.parent / "input",
        select=" ".join(f"+{model}" for model in MODELS),
        memory=options.memory,
        threads=WORKER_COUNT,
        minutes=options.minutes,
        environment=environment,
    )
    if built.measured.ended != "ok":
        log = workspace / f"{engine}.log"
        raise SystemExit(f"The build ended with: {built.measured.ended}; see {log}.")
    return built


def _build_and_kill(
    running: Cluster, workspace: Path, options: argparse.Namespace
) -> tuple[Build, float | None]:
    """Build on the cluster; return when the first worker was killed, too."""
    saboteur = Saboteur(
        running.workers[0],
        workspace / f"{SPARK}.log",
        options.kill_during,
        options.kill_after,
    )
    if options.kill:
        saboteur.start()
    try:
        built = _build(SPARK, workspace, options, running.environment)
    finally:
        saboteur.stop()
    return built, saboteur.killed_at


if __name__ == "__main__":
    sys.exit(main())
