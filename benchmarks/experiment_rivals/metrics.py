"""What the twenty metrics need of a unit, as both rivals read it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

# Experiments handled at a time, so that memory does not grow with their number.
BATCH = 25


class Term(NamedTuple):
    """A number of a unit: events in a window of days, or the sum of their values."""

    outcome: str
    value_column: str | None
    first_day: int
    end_day: int

    @property
    def column(self) -> str:
        """The column of the unit-level table."""
        days = f"{self.first_day}_to_{self.end_day}".replace("-", "minus_")
        return f"{self.outcome}_{self.value_column or 'count'}_{days}"


class Metric(NamedTuple):
    """A metric: value y and denominator d of a ratio, x and w the same two before."""

    name: str
    kind: str
    winsorise_quantile: float | None
    y: Term
    x: Term
    d: Term | None
    w: Term | None


def read_metrics(folder: Path) -> list[Metric]:
    """Read the metrics of a folder of input."""
    table = pq.read_table(folder / "experiment_metrics.parquet")
    return [_metric(row) for row in table.to_pylist()]


def _metric(row: dict[str, Any]) -> Metric:
    value = row["outcome"], row["value_column"]
    denominator = row["denominator_outcome"], row["denominator_value_column"]
    after = row["window_start_days"], row["window_days"]
    before = -row["covariate_days"], 0
    is_ratio = row["metric_kind"] == "ratio"
    return Metric(
        name=row["metric_id"],
        kind=row["metric_kind"],
        winsorise_quantile=row["winsorise_quantile"],
        y=Term(*value, *after),
        x=Term(*value, *before),
        d=Term(*denominator, *after) if is_ratio else None,
        w=Term(*denominator, *before) if is_ratio else None,
    )


def terms_of(metrics: list[Metric]) -> list[Term]:
    """Return each term once: metrics share them."""
    parts = [part for metric in metrics for part in metric[3:] if part is not None]
    return list(dict.fromkeys(parts))


class Costs:
    """Wall and CPU seconds of the steps of this process."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Add what happens inside to a step."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        total = self.steps.setdefault(step, {"wall_seconds": 0.0, "cpu_seconds": 0.0})
        total["wall_seconds"] += time.perf_counter() - wall
        total["cpu_seconds"] += time.process_time() - cpu
