"""Compare customer analytics in mercato with scripts, on shops of growing size.

Run it with `python -m benchmarks.customers 1 10 100`; benchmarks/README.md says what is
measured.
"""

import argparse
import json
import math
import os
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.generate import Sizes, generate_once
from benchmarks.measure import run_script
from benchmarks.report import RUN_HEADER, mib, run_cells, table
from benchmarks.warehouse import ROOT, Build, build_models, new_workspace

# What each step of the script corresponds to, as patterns of model names.
STEPS = {
    "cleaning": ("raw_*", "checked_*", "stg_*", "events", "sessions", "order_lines"),
    "orders": ("orders", "feat_customer_day__bookings"),
    "RFM": ("feat_customer__rfm", "feat_rfm*", "customer_rfm"),
    "cohorts": ("*cohort*", "feat_month__calendar"),
    "k-means": (
        "feat_customer__rfm_scaled",
        "py_segments_kmeans*",
        "customer_segments",
    ),
    "other clusterings": (
        "*trait*",
        "*component*",
        "customer_positions",
        "customer_clusterings",
        "segment_*",
    ),
    "lifetime value": ("*lifetime_value*",),
    "propensity": ("feat_snapshot*", "*propensity*"),
    "next order": ("*next_order*",),
    "funnel": ("*funnel*",),
    "transitions": ("path_transitions",),
}
MARTS = (
    "customer_rfm",
    "cohort_retention",
    "customer_segments",
    "segment_solutions",
    "segment_agreement",
    "segment_dendrogram",
    "customer_components",
    "customer_lifetime_value",
    "customer_propensity",
    "customer_next_order",
    "funnel_results",
    "funnel_durations",
    "path_transitions",
)
MERCATO, SCRIPT = "mercato", "script"


def main() -> None:
    options = _options()
    results = []
    for scale in options.scales:
        result = measure(scale, options)
        results.append(result)
        target = options.results / f"customers_x{scale:g}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.with_suffix(".json").write_text(
            json.dumps(result, indent=2) + "\n", encoding="utf-8"
        )
        target.with_suffix(".md").write_text(as_markdown(result), encoding="utf-8")
        print(as_markdown(result))
    print("\n".join(growth_lines(results)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.customers")
    parser.add_argument(
        "scales", type=float, nargs="+", help="1 is 100,000 order lines"
    )
    parser.add_argument(
        "--only", nargs="+", choices=(MERCATO, SCRIPT), default=[MERCATO, SCRIPT]
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "benchmarks")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gib", type=float, default=16, help="limit of the script")
    parser.add_argument("--minutes", type=float, default=60, help="limit of each")
    return parser.parse_args()


def measure(scale: float, options: argparse.Namespace) -> dict[str, Any]:
    """Run each solution in its own process on the shop of a scale."""
    folder = options.cache.resolve() / f"x{scale:g}"
    data = folder / "input"
    generate_once(data, scale, threads=options.threads)
    run_by_name = {MERCATO: _run_mercato, SCRIPT: _run_script}
    runs = {}
    for name in options.only:
        print(f"x{scale:g}: {name}", flush=True)
        load_average = round(os.getloadavg()[0], 1)
        runs[name] = run_by_name[name](folder, data, options)
        runs[name]["load_average"] = load_average
    return {
        "scale": scale,
        "measured_at": f"{datetime.now():%Y-%m-%d %H:%M}",
        "cpu_count": os.cpu_count(),
        "sizes": Sizes.of(scale)._asdict(),
        "runs": runs,
    }


def _run_mercato(
    folder: Path, data: Path, options: argparse.Namespace
) -> dict[str, Any]:
    workspace = folder / "customers"
    new_workspace(workspace)
    select = " ".join(f"+{name}" for name in MARTS)
    limits = {"threads": options.threads, "timeout": options.minutes * 60}
    built = build_models(workspace, data, "customers", select, **limits)
    return built.measured.costs() | {"steps": steps_of(built)}


def steps_of(built: Build) -> dict[str, dict[str, float]]:
    """Return what the models of each step took: summed seconds and the highest peak.

    Each model counts for the first step that names it; the rest is `the rest`.
    """
    steps = {name: {"seconds": 0.0, "peak_bytes": 0} for name in (*STEPS, "the rest")}
    for node in built.nodes:
        matching = (
            step
            for step, patterns in STEPS.items()
            if any(fnmatchcase(node.name, pattern) for pattern in patterns)
        )
        cost = steps[next(matching, "the rest")]
        cost["seconds"] = round(cost["seconds"] + node.seconds, 3)
        cost["peak_bytes"] = max(cost["peak_bytes"], node.peak_bytes or 0)
    return steps


def _run_script(
    folder: Path, data: Path, options: argparse.Namespace
) -> dict[str, Any]:
    output = folder / "customer_script"
    new_workspace(output)
    measured = run_script(
        "benchmarks.customer_script",
        *(data, output),
        log=output / "log.txt",
        threads=options.threads,
        gib=options.gib,
        minutes=options.minutes,
    )
    # Of a script that was stopped, too, it is known what it had done by then.
    file = output / "steps.json"
    times = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    steps = {
        name: {
            "seconds": round(end - begin, 3),
            "peak_bytes": measured.peak_between(begin, end) or 0,
        }
        for name, (begin, end) in times.items()
    }
    return measured.costs() | {"steps": steps}


def as_markdown(result: dict[str, Any]) -> str:
    """Return the tables of one size: whole runs, and step by step."""
    sizes, runs = result["sizes"], result["runs"]
    totals = [
        (*run_cells(name, run), run["load_average"]) for name, run in runs.items()
    ]
    steps = [
        (
            step,
            *(
                cell
                for run in runs.values()
                for cell in _step_cells(run["steps"].get(step))
            ),
        )
        for step in (*STEPS, "the rest")
    ]
    header = ["step", *(f"{name} {unit}" for name in runs for unit in ("s", "MiB"))]
    return "\n".join(
        [
            f"# Customers, x{result['scale']:g}",
            "",
            f"{sizes['customer_count']:,} customers, {sizes['order_line_count']:,} "
            f"order lines, {sizes['event_count']:,} events. Measured "
            f"{result['measured_at']} on {result['cpu_count']} cores.",
            "",
            *table((*RUN_HEADER, "load before"), totals),
            "",
            *table(header, steps),
            "",
        ]
    )


def _step_cells(cost: dict[str, float] | None) -> tuple[str, str]:
    if not cost:
        return "", ""
    return f"{cost['seconds']:.1f}", mib(cost["peak_bytes"])


def growth_lines(results: list[dict[str, Any]]) -> list[str]:
    """Say with which power of the rows each run's cost grows from size to size."""
    lines = []
    for small, large in pairwise(sorted(results, key=lambda result: result["scale"])):
        ratio = math.log(large["scale"] / small["scale"])
        for name in set(small["runs"]) & set(large["runs"]):
            pair = (small["runs"][name], large["runs"][name])
            if any(run["ended"] != "ok" for run in pair):
                continue
            powers = [
                math.log(pair[1][key] / pair[0][key]) / ratio
                for key in ("wall_seconds", "cpu_seconds", "peak_bytes")
            ]
            lines.append(
                f"x{small['scale']:g} to x{large['scale']:g}, {name}: "
                + " / ".join(f"{power:.2f}" for power in powers)
                + " (wall, CPU, peak)"
            )
    return lines


if __name__ == "__main__":
    main()
