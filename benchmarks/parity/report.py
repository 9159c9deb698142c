"""Writes comparisons as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from benchmarks.parity.compare import Comparison


def as_markdown(
    comparisons: Sequence[Comparison], seconds: Mapping[str, float] | None = None
) -> str:
    """Return a summary and the tables that are not equal, who agrees least first."""
    verdicts = Counter(comparison.verdict for comparison in comparisons)
    lines = [f"# DuckDB and Spark, {len(comparisons)} tables", ""]
    lines += [f"- {verdicts[verdict]} {verdict}" for verdict in sorted(verdicts)]
    for engine, duration in (seconds or {}).items():
        lines.append(f"- built and tested on {engine} in {duration:.0f} s")
    lines += ["", "| table | rows | verdict | rows that agree | what differs |"]
    lines.append("|---|--:|---|--:|---|")
    unequal = [found for found in comparisons if found.verdict != "equal"]
    unequal.sort(key=lambda found: (found.agreement, found.table))
    return "\n".join([*lines, *map(_row, unequal)]) + "\n"


def _row(found: Comparison) -> str:
    one, other = found.row_counts
    rows = f"{one:,}" if one == other else f"{one:,} / {other:,}"
    notes = [f"`{name}` {count:,}" for name, count in found.difference_counts.items()]
    if found.unmatched_count:
        notes.insert(0, f"{found.unmatched_count:,} rows without counterpart")
    if found.rounded_count:
        notes.append(f"{found.rounded_count:,} rows in the last digits")
    return (
        f"| `{found.table}` | {rows} | {found.verdict} | {found.agreement:.2%} |"
        f" {', '.join(notes)} |"
    )
