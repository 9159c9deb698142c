"""Build the same SQL models on DuckDB and on Spark, on shops of growing size.

Run it with `python -m benchmarks.engines 1 10`; benchmarks/README.md says what is
measured, docs/scaling.md what follows from it.
"""

import argparse
import json
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.cluster import eventlog
from benchmarks.cluster.daemons import spark_environment
from benchmarks.engine_report import as_markdown, summary
from benchmarks.generate import Sizes, generate_once
from benchmarks.parity.compare import Comparison
from benchmarks.parity.engines import compare_all
from benchmarks.processes import run_with_children
from benchmarks.warehouse import ROOT, Build, build_models, new_workspace

DUCKDB, SPARK = "duckdb", "spark"
# All SQL, from the raw files to what people query.
MARTS = (
    "daily_sales",
    "product_performance",
    "customer_rfm",
    "cohort_retention",
    "funnel_results",
)
COMPARED = ("models/core", "models/marts")


def main() -> None:
    options = _options()
    options.results.mkdir(parents=True, exist_ok=True)
    for scale in options.scales:
        result = measure(scale, options)
        target = options.results / f"engines_x{scale:g}"
        target.with_suffix(".json").write_text(
            json.dumps(result, indent=2) + "\n", encoding="utf-8"
        )
        target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")
        print(as_markdown(result))
    text = summary(_results(options.results), options.efficiency, options.price)
    (options.results / "engines.md").write_text(text, encoding="utf-8")
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines")
    parser.add_argument(
        "scales",
        type=float,
        nargs="*",
        help="1 is 100,000 order lines; none: a summary",
    )
    parser.add_argument(
        "--only", nargs="+", choices=(DUCKDB, SPARK), default=[DUCKDB, SPARK]
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB", help="of DuckDB, or of Spark's heap")
    parser.add_argument("--minutes", type=float, default=60, help="limit of each")
    parser.add_argument(
        "--efficiency",
        type=float,
        default=0.7,
        help="what a core of a cluster does of what a core of one machine does",
    )
    parser.add_argument(
        "--price", type=float, default=0.05, help="of an hour of a core"
    )
    return parser.parse_args()


def _results(folder: Path) -> list[dict[str, Any]]:
    """Return what has been measured so far, the smallest first."""
    texts = [
        file.read_text(encoding="utf-8") for file in folder.glob("engines_x*.json")
    ]
    return sorted(map(json.loads, texts), key=lambda result: result["scale"])


def measure(scale: float, options: argparse.Namespace) -> dict[str, Any]:
    """Build the shop of a scale on each engine, in its own process, and compare."""
    folder = options.cache.resolve() / f"x{scale:g}"
    generate_once(folder / "input", scale, threads=options.threads)
    workspace = folder / "engines"
    new_workspace(workspace)
    runs = {}
    for engine in options.only:
        print(f"x{scale:g}: {engine}", flush=True)
        load_average = round(os.getloadavg()[0], 1)
        runs[engine] = _run(engine, workspace, folder / "input", options)
        runs[engine]["load_average"] = load_average
    both_built = len(runs) == 2 and all(run["ended"] == "ok" for run in runs.values())
    return {
        "scale": scale,
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "threads": options.threads,
        "memory": options.memory,
        "minutes": options.minutes,
        "sizes": Sizes.of(scale)._asdict(),
        "runs": runs,
        "verdicts": verdicts(compare_all(workspace, COMPARED)) if both_built else {},
    }


def verdicts(found: list[Comparison]) -> dict[str, int]:
    """Return how many tables are equal, rounded or different on both engines."""
    return dict(Counter(comparison.verdict for comparison in found))


def _run(
    engine: str, workspace: Path, data: Path, options: argparse.Namespace
) -> dict[str, Any]:
    environment = {}
    log = workspace / "events"
    if engine == SPARK:
        environment = spark_environment(workspace, eventlog.settings(log))
        environment["MERCATO_SPARK_MASTER"] = f"local[{options.threads}]"
    built = build_marts(
        engine,
        workspace,
        data,
        select=" ".join(f"+{mart}" for mart in MARTS),
        memory=options.memory,
        threads=options.threads,
        minutes=options.minutes,
        environment=environment,
    )
    run = built.measured.costs() | {"layers": _layers(built)}
    run["stored_bytes"] = _stored_bytes(engine, workspace)
    if engine == SPARK and built.nodes:
        shuffled_bytes, shuffled_row_count = eventlog.read(log).largest_shuffle()
        run["largest_shuffle"] = {
            "bytes": shuffled_bytes,
            "row_count": shuffled_row_count,
        }
    return run


def build_marts(
    engine: str,
    workspace: Path,
    data: Path,
    *,
    select: str,
    memory: str,
    threads: int,
    minutes: float,
    environment: dict[str, str],
) -> Build:
    """Build what is selected on one engine; its Java process counts as a part of it."""
    return build_models(
        workspace,
        data,
        engine,
        select,
        threads=threads,
        timeout=minutes * 60,
        target=engine,
        environment={"MERCATO_MEMORY_LIMIT": memory, **environment},
        run=run_with_children,
    )


def _layers(built: Build) -> dict[str, dict[str, float]]:
    return {
        name: total | {"seconds": round(total["seconds"], 2)}
        for name, total in built.layers().items()
    }


def _stored_bytes(engine: str, workspace: Path) -> int:
    """Return how much a warehouse takes on disk."""
    place = workspace / {DUCKDB: "warehouse.duckdb", SPARK: "spark/tables"}[engine]
    files = place.rglob("*") if place.is_dir() else [place]
    return sum(file.stat().st_size for file in files if file.is_file())


if __name__ == "__main__":
    main()
