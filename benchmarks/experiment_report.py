"""Writes what `benchmarks.experiments` measured as Markdown."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from benchmarks.report import RUN_HEADER, mib, run_cells, table

_SHOWN_MODELS = 15
_COSTS = ("wall_seconds", "cpu_seconds", "peak_bytes")


def as_markdown(result: dict[str, Any]) -> str:
    """Return the tables of one size."""
    sizes, runs = result["sizes"], result["runs"]
    exposures = sizes["experiment_count"] * sizes["exposures_each"]
    lines = [
        f"# {exposures + sizes['event_count']:,} exposures and events",
        "",
        f"{sizes['experiment_count']:,} experiments, 20 metrics, {exposures:,} "
        f"exposures, {sizes['event_count']:,} events, {sizes['customer_count']:,} "
        f"customers. Measured {result['measured_at']} on {result['cpu_count']} cores, "
        f"each with at most {result['minutes']:g} minutes, rivals with at most "
        f"{result['gib']:g} GiB.",
        "",
        *_totals(runs),
    ]
    for name, run in runs.items():
        if run.get("layers"):
            lines += ["", f"## {name}", "", *_layers(run), "", *_models(run["models"])]
        elif run.get("steps"):
            lines += ["", f"## {name}", "", *_steps(run["steps"])]
    if result.get("agreement"):
        lines += ["", "## Agreement", "", *_agreement(result["agreement"])]
    return "\n".join(lines) + "\n"


def _totals(runs: dict[str, Any]) -> list[str]:
    ours = runs.get("mercato", {})
    rows = []
    for name, run in runs.items():
        load = f"{run['load_average']:.1f}"
        rows.append((*run_cells(name, run), _ratios(run, ours), load))
        for other, costs in run.get("around", {}).items():
            cells = run_cells(f"{name}: {other}", costs)
            rows.append((*cells, _ratios(costs, ours), ""))
    return table((*RUN_HEADER, "to mercato", "load before"), rows)


def _ratios(run: dict[str, Any], ours: dict[str, Any]) -> str:
    if not ours.get("ended") == run["ended"] == "ok":
        return ""
    return " / ".join(f"{run[key] / ours[key]:.2f}" for key in _COSTS)


def _layers(run: dict[str, Any]) -> list[str]:
    rows = [
        (
            name,
            int(layer["node_count"]),
            f"{layer['seconds']:.1f}",
            mib(layer["peak_bytes"]),
        )
        for name, layer in run["layers"].items()
    ]
    rows.append(("dbt itself", "", f"{run['dbt_seconds']:.1f}", ""))
    return table(("layer", "nodes", "summed s", "peak MiB"), rows)


def _models(models: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        (model["name"], f"{model['seconds']:.1f}", mib(model["peak_bytes"]))
        for model in models[:_SHOWN_MODELS]
    ]
    return table(("most expensive models", "s", "peak MiB"), rows)


def _steps(steps: dict[str, dict[str, float]]) -> list[str]:
    rows = [
        (name, f"{step['wall_seconds']:.1f}", f"{step['cpu_seconds']:.1f}")
        for name, step in steps.items()
    ]
    return table(("step", "wall s", "CPU s"), rows)


def _agreement(agreement: dict[str, dict[str, float]]) -> list[str]:
    rows = [
        (
            name,
            f"{found['compared']:,}",
            f"{found['effect']:.0e}",
            f"{found['p_value']:.0e}",
        )
        for name, found in agreement.items()
    ]
    header = (
        "results",
        "compared",
        "largest relative difference of effects",
        "largest difference of p-values",
    )
    return table(header, rows)


def growth_lines(results: Sequence[dict[str, Any]]) -> list[str]:
    """Say how cost grows with rows: the exponent b of cost = a * rows ** b.

    >>> run = {"ended": "ok", "wall_seconds": 1, "cpu_seconds": 1, "peak_bytes": 1}
    >>> more = run | {"wall_seconds": 5, "cpu_seconds": 10}
    >>> sizes = {"event_count": 1}, {"event_count": 10}
    >>> small = {"size": "1m", "sizes": sizes[0], "runs": {"mercato": run}}
    >>> large = {"size": "10m", "sizes": sizes[1], "runs": {"mercato": more}}
    >>> growth_lines([small, large])
    ['1m to 10m, mercato: wall 0.70, CPU 1.00, peak 0.00']
    """
    lines = []
    for before, after in pairwise(results):
        rows = after["sizes"]["event_count"] / before["sizes"]["event_count"]
        for name, run in after["runs"].items():
            smaller = before["runs"].get(name, {})
            if smaller.get("ended") != "ok" or run["ended"] != "ok":
                continue
            exponents = [
                math.log(run[key] / smaller[key]) / math.log(rows) for key in _COSTS
            ]
            lines.append(
                f"{before['size']} to {after['size']}, {name}: "
                "wall {:.2f}, CPU {:.2f}, peak {:.2f}".format(*exponents)
            )
    return lines
