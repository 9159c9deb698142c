"""Writes what was measured as Markdown."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

_MIB = 2**20
_SHOWN_MODELS = 12
RUN_HEADER = ("run", "ended", "wall s", "CPU s", "peak MiB")


def as_markdown(result: dict[str, Any]) -> str:
    """Return the tables of one size."""
    sizes, machine = result["sizes"], result["machine"]
    lines = [
        f"# x{result['scale']:g}",
        "",
        f"{sizes['order_line_count']:,} order lines, {sizes['event_count']:,} events, "
        f"{sizes['customer_count']:,} customers, {sizes['product_count']:,} products. "
        f"Measured {machine['measured_at']} on {machine['cpu_count']} cores and "
        f"{machine['memory_gib']} GiB, load average {machine['load_average']} at the "
        "end.",
        "",
        *_totals(result),
        "",
        *_layers(result["mercato"]["layers"]),
        "",
        *_models(result["mercato"]["models"]),
    ]
    if result.get("steps"):
        lines += ["", *_steps(result["steps"])]
    return "\n".join(lines) + "\n"


def _totals(result: dict[str, Any]) -> list[str]:
    runs = {
        "build and tests": result["mercato"],
        "unchanged rebuild": result["unchanged"],
        "pandas and scikit-learn": result.get("baseline"),
    }
    baseline = runs["pandas and scikit-learn"]
    rows = []
    for name, run in runs.items():
        if run is None:
            continue
        comparable = baseline is not None and baseline["ended"] == run["ended"] == "ok"
        ratios = [
            f"{run[key] / baseline[key]:.2f}" if comparable else ""
            for key in ("wall_seconds", "cpu_seconds", "peak_bytes")
        ]
        rows.append((*run_cells(name, run), " / ".join(ratios) if comparable else ""))
    return table((*RUN_HEADER, "wall / CPU / peak ratio"), rows)


def _layers(layers: dict[str, dict[str, float]]) -> list[str]:
    rows = [
        (
            name,
            int(total["node_count"]),
            f"{total['seconds']:.1f}",
            mib(total["peak_bytes"]),
        )
        for name, total in layers.items()
    ]
    return table(("layer", "nodes", "summed s", "peak MiB"), rows)


def _models(models: Sequence[dict[str, Any]]) -> list[str]:
    rows = [
        (
            model["name"],
            f"{model['seconds']:.1f}",
            mib(model["peak_bytes"]),
        )
        for model in models
    ]
    shown = rows[:_SHOWN_MODELS]
    shown += [row for row in rows[_SHOWN_MODELS:] if row[0].startswith("py_")]
    return table(("most expensive and Python models", "s", "peak MiB"), shown)


def _steps(steps: dict[str, dict[str, float]]) -> list[str]:
    rows = [
        (
            name,
            f"{step['mercato_seconds']:.2f}",
            f"{step['baseline_seconds']:.2f}",
            f"{step['mercato_seconds'] / max(step['baseline_seconds'], 0.001):.1f}",
        )
        for name, step in steps.items()
    ]
    return table(("step", "mercato s", "pandas s", "ratio"), rows)


def growth_lines(results: Sequence[dict[str, Any]]) -> list[str]:
    """Say how cost grows with rows: the exponent b of cost = a * rows ** b.

    >>> costs = {"ended": "ok", "wall_seconds": 1, "cpu_seconds": 1, "peak_bytes": 1}
    >>> more = costs | {"wall_seconds": 5, "cpu_seconds": 10, "peak_bytes": 1}
    >>> growth_lines([{"scale": 1, "mercato": costs}, {"scale": 10, "mercato": more}])
    ['x1 to x10, mercato: wall 0.70, CPU 1.00, peak 0.00']
    """
    lines = []
    for before, after in pairwise(results):
        for name in ("mercato", "unchanged", "baseline"):
            runs = [result.get(name) for result in (before, after)]
            if any(run is None or run["ended"] != "ok" for run in runs):
                continue
            rows = math.log(after["scale"] / before["scale"])
            exponents = [
                math.log(runs[1][key] / runs[0][key]) / rows
                for key in ("wall_seconds", "cpu_seconds", "peak_bytes")
            ]
            lines.append(
                f"x{before['scale']:g} to x{after['scale']:g}, {name}: "
                "wall {:.2f}, CPU {:.2f}, peak {:.2f}".format(*exponents)
            )
    return lines


def run_cells(name: str, run: dict[str, Any]) -> tuple[str, ...]:
    """Return what a whole run cost, as RUN_HEADER says it."""
    return (
        name,
        run["ended"],
        f"{run['wall_seconds']:,.1f}",
        f"{run['cpu_seconds']:,.1f}",
        mib(run["peak_bytes"]),
    )


def mib(size: float | None) -> str:
    """Write bytes as MiB, nothing of nothing."""
    return f"{size / _MIB:,.0f}" if size else ""


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return the lines of a table whose first column is text, the others numbers."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]
