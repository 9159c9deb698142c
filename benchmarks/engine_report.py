"""Writes what engines cost as Markdown, and what larger shops would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from benchmarks.report import RUN_HEADER, mib, run_cells, table

_MILLION = 1_000_000
_CLUSTERS = (8, 16, 32, 64)


class Line(NamedTuple):
    """What a build costs: a fixed part, and a slope for each million events."""

    fixed: float
    slope: float

    def at(self, millions: float) -> float:
        """Return the cost of a shop of so many million events."""
        return self.fixed + self.slope * millions

    def on_cores(self, measured: int, cores: int, efficiency: float) -> Line:
        """Return the line of other cores, on which the fixed part takes as long.

        Each of them does `efficiency` of what one of the measured cores did.

        >>> Line(60, 40).on_cores(2, 16, 0.5)
        Line(fixed=60, slope=10.0)
        """
        return Line(self.fixed, self.slope * measured / (cores * efficiency))

    def crosses(self, other: Line) -> float | None:
        """Return from how many million events on this line is below the other.

        None if it never is; 0 if it always is.

        >>> Line(60, 10).crosses(Line(20, 30))
        2.0
        >>> Line(60, 30).crosses(Line(20, 30)) is None
        True
        """
        if self.slope >= other.slope:
            return None
        return max((self.fixed - other.fixed) / (other.slope - self.slope), 0.0)


def line(millions: Sequence[float], costs: Sequence[float]) -> Line:
    """Fit the line that is wrong by the least squared share of the measured costs.

    By shares, so that the largest size does not decide alone. Raises ValueError for
    fewer than two sizes.

    >>> line([1, 10], [25, 70])
    Line(fixed=20.0, slope=5.0)
    """
    import numpy as np

    if len(millions) < 2:
        raise ValueError(f"len(millions) == {len(millions)}, must be >= 2.")
    weights = 1 / np.asarray(costs, dtype=float)
    slope, fixed = np.polyfit(millions, costs, 1, w=weights)
    return Line(round(float(fixed), 3), round(float(slope), 3))


def as_markdown(result: dict[str, Any]) -> str:
    """Return the tables of one size: whole runs, and layer by layer."""
    sizes, runs = result["sizes"], result["runs"]
    totals = [
        (*run_cells(name, run), mib(run["stored_bytes"]), run["load_average"])
        for name, run in runs.items()
    ]
    counts = {
        name: int(total["node_count"])
        for run in runs.values()
        for name, total in run["layers"].items()
    }
    by_layer = [
        (layer, count, *(cell for run in runs.values() for cell in _cells(run, layer)))
        for layer, count in counts.items()
    ]
    header = (*RUN_HEADER, "stored MiB", "load before")
    units = [f"{name} {unit}" for name in runs for unit in ("summed s", "peak MiB")]
    return "\n".join(
        [
            f"# DuckDB and Spark, x{result['scale']:g}",
            "",
            f"{sizes['event_count']:,} events, {sizes['order_line_count']:,} order "
            f"lines, {sizes['customer_count']:,} customers. Measured "
            f"{result['measured_at']} on {result['cpu_count']} cores, "
            f"{result['threads']} threads and {result['memory']} for each engine.",
            "",
            *table(header, totals),
            "",
            *table(("layer", "nodes", *units), by_layer),
            "",
            *_notes(result),
        ]
    )


def _cells(run: dict[str, Any], layer: str) -> tuple[str, str]:
    total = run["layers"].get(layer)
    if not total:
        return "", ""
    return f"{total['seconds']:.1f}", mib(total["peak_bytes"])


def _notes(result: dict[str, Any]) -> list[str]:
    lines = []
    if result["verdicts"]:
        counts = [f"{count} {name}" for name, count in result["verdicts"].items()]
        lines += [f"Tables of core and marts on both: {', '.join(counts)}.", ""]
    shuffle = result["runs"].get("spark", {}).get("largest_shuffle")
    if shuffle and shuffle["row_count"]:
        lines += [
            f"The largest shuffle: {shuffle['row_count']:,} rows, "
            f"{mib(shuffle['bytes'])} MiB, "
            f"{shuffle['bytes'] / shuffle['row_count']:.0f} bytes a row.",
            "",
        ]
    return lines


def summary(results: Sequence[dict[str, Any]], efficiency: float, price: float) -> str:
    """Return lines through all sizes, where they cross, and the cost of a billion.

    The lines are of CPU time, which other work on the machine hardly changes.
    efficiency is what a core of a cluster does of what one of a single machine does,
    price that of an hour of a core.
    """
    text = ["# DuckDB and Spark, from size to size", ""]
    lines = {
        engine: fitted
        for engine in ("duckdb", "spark")
        if (fitted := _fitted(results, engine))
    }
    if len(lines) < 2:
        return "\n".join([*text, "Two sizes of both engines are needed.", ""])
    rows = [
        (engine, _sizes(results, engine), f"{fixed:.1f}", f"{slope:.2f}")
        for engine, (fixed, slope) in lines.items()
    ]
    header = ("CPU time of a build", "line through", "fixed s", "s a million events")
    text += [*table(header, rows), ""]
    text += [*_crossings(lines, results[0]["threads"], efficiency), ""]
    return "\n".join([*text, *_prices(lines, price), ""])


def _built(results: Sequence[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Return the sizes at which an engine's build ended well."""
    return [
        result
        for result in results
        if result["runs"].get(engine, {}).get("ended") == "ok"
    ]


def _sizes(results: Sequence[dict[str, Any]], engine: str) -> str:
    return ", ".join(f"x{result['scale']:g}" for result in _built(results, engine))


def _fitted(results: Sequence[dict[str, Any]], engine: str) -> Line | None:
    built = _built(results, engine)
    if len(built) < 2:
        return None
    millions = [result["sizes"]["event_count"] / _MILLION for result in built]
    return line(millions, [result["runs"][engine]["cpu_seconds"] for result in built])


def _crossings(lines: dict[str, Line], cores: int, efficiency: float) -> list[str]:
    """Say from which size on Spark is faster, on as many cores and on a cluster.

    The fixed part is taken to be as long anywhere, the rest to be shared by the cores.
    """
    duckdb = lines["duckdb"].on_cores(1, cores, 1.0)
    clusters = {cores: lines["spark"].on_cores(1, cores, 1.0)} | {
        count: lines["spark"].on_cores(1, count, efficiency) for count in _CLUSTERS
    }
    rows = [
        (
            count,
            f"{fitted.slope:.2f}",
            "never" if (size := fitted.crosses(duckdb)) is None else f"{size:,.0f}",
        )
        for count, fitted in clusters.items()
    ]
    ratio = lines["spark"].slope / lines["duckdb"].slope
    header = (
        "cores for Spark",
        "s a million events",
        f"sooner than DuckDB on {cores} cores from million events",
    )
    return [
        f"A million events cost Spark {ratio:.1f} times the CPU time. If a core of a "
        f"cluster does {efficiency:g} of what a core did here, a cluster takes "
        f"{ratio / efficiency:.1f} times the cores of the one machine to be as fast. "
        f"DuckDB on {cores} cores: {duckdb.slope:.2f} s a million events.",
        "",
        *table(header, rows),
    ]


def _prices(lines: dict[str, Line], price: float) -> list[str]:
    """Return what a billion events cost, without the fixed part, at a given price."""
    rows = []
    for engine, (_, slope) in lines.items():
        hours = slope * 1000 / 3600
        rows.append((engine, f"{slope:.2f}", f"{hours:.2f}", f"{hours * price:.2f}"))
    header = (
        "engine",
        "CPU s a million",
        "core hours a billion",
        f"at {price:g} an hour",
    )
    return table(header, rows)
