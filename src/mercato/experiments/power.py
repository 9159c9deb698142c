"""Planning: how long to run an experiment, from how metrics stand without any."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.covariates import cuped
from mercato.experiments.means import welch
from mercato.experiments.ratios import delta
from mercato.experiments.results import build
from mercato.experiments.sample_sizes import (
    MOST_UNITS,
    detectable_effect,
    reach,
    units_per_variant,
)
from mercato.experiments.statistics import (
    MEANS,
    PROPORTIONS,
    numbers,
    only,
    pair,
    read_arms,
)

METHODS = {"arcsine": PROPORTIONS, "normal": MEANS, "delta": ("ratio",)}
VARIANTS = 2
EFFECTS = (0.01, 0.02, 0.05, 0.1, 0.2)
DAYS = (7, 14, 28)
_NUMBERS = ["baseline_value", "standard_deviation", "variance_reduction"]
_NUMBERS += ["relative_effect", "effect"]
POWER_SCHEMA = pa.schema(
    [("metric_id", pa.string()), ("metric_kind", pa.string())]
    + [("question", pa.string()), ("method", pa.string())]
    + [("is_adjusted", pa.bool_()), ("variant_count", pa.int64())]
    + [(name, pa.float64()) for name in _NUMBERS]
    + [("units_per_variant", pa.int64()), ("unit_count", pa.int64())]
    + [("duration_days", pa.int64())]
    + [("confidence_level", pa.float64()), ("power", pa.float64())]
    + [("status", pa.string())]
)


class _Metrics(NamedTuple):
    """Metrics of one method, plain or adjusted; arrays of shape (r,).

    rows are those of the baseline; status is 'ok' or says why there is no plan.
    """

    rows: pa.Table
    method: str
    is_adjusted: bool
    value: np.ndarray
    standard_deviation: np.ndarray
    variance_reduction: np.ndarray
    status: np.ndarray


def power_results(
    baseline: pa.Table,
    *,
    confidence_level: float = 0.95,
    power: float = 0.8,
    effects: tuple[float, ...] = EFFECTS,
    days: tuple[int, ...] = DAYS,
) -> pa.Table:
    """Plan experiments of two variants on every metric; rows of POWER_SCHEMA, sorted.

    baseline has one row per metric_id with metric_kind, unit_count, units_per_day (both
    variants together) and the sums of STATISTICS_SCHEMA over units without any
    experiment; quantiles are left out. For each metric, plain and with CUPED
    (is_adjusted), there is a row

    - 'units for an effect' for each relative effect: units_per_variant, unit_count of
      both variants, and the days in which so many arrive;
    - 'effect after days' for each number of days: the least relative increase that the
      units that arrive in them can show.

    Days are those in which units arrive; what a metric observes of each comes after.
    method is 'arcsine' (proportion, retention), 'normal' or 'delta' (ratio).

    status is 'ok', or says why there is no plan: 'no exposures', 'too few units', 'no
    denominator', 'no variation', 'no covariate', 'value not above 0', 'no traffic'
    (days without or with too few units), 'out of reach' (of a proportion, or of a
    trillion units).

    Raises ValueError where confidence_level or power is not between 0 and 1, an effect
    is 0 or not above -1, a number of days below 1, and as read_arms does.
    """
    levels = {"confidence_level": confidence_level, "power": power}
    reach(**levels)
    for effect in effects:
        if not (effect > -1 and effect != 0):
            raise ValueError(f"effects == {effect}, must be > -1 and not 0.")
    for number in days:
        if number < 1:
            raise ValueError(f"days == {number}, must be >= 1.")
    tables = [POWER_SCHEMA.empty_table()]
    for method, kinds in METHODS.items():
        for metrics in _metrics(only(baseline, kinds), method):
            tables.append(_units_for_effects(metrics, np.sort(effects), levels))
            tables.append(_effects_after(metrics, np.sort(days), levels))
    # The sort is stable: effects and days stay in ascending order.
    order = ["metric_id", "question", "is_adjusted"]
    return pa.concat_tables(tables).sort_by([(name, "ascending") for name in order])


def _metrics(baseline: pa.Table, method: str) -> list[_Metrics]:
    """Read metrics plain and with CUPED, by comparing the baseline with itself."""
    rows = baseline.sort_by("metric_id").combine_chunks()
    if rows.num_rows == 0:
        return []
    arms = read_arms(pa.concat_tables([_arm(rows, "a"), _arm(rows, "b")]))
    pairs = pair(arms)
    is_ratio = method == "delta"
    plain = delta(arms, pairs) if is_ratio else welch(arms, pairs)
    adjusted = cuped(arms, pairs, is_ratio)
    value, count = plain.estimates.value, arms.count[pairs.treated]
    unplanned = np.where(value > 0, plain.status, "value not above 0")
    unplanned = np.where(plain.status == "ok", unplanned, plain.status)
    found = []
    for comparison in (plain, adjusted):
        status = np.where(unplanned == "ok", comparison.status, unplanned)
        is_adjusted = comparison is adjusted
        reduction = np.zeros(len(value))
        if is_adjusted:
            reduction = np.asarray(adjusted.columns["variance_reduction"])
        found.append(
            _Metrics(
                rows,
                method,
                is_adjusted,
                value,
                np.sqrt(plain.estimates.variance * count),
                np.where(status == "ok", reduction, np.nan),
                status,
            )
        )
    return found


def _arm(rows: pa.Table, variant: str) -> pa.Table:
    """Take the baseline for one arm of an experiment on each metric."""
    length = rows.num_rows
    columns = {name: rows[name] for name in rows.column_names}
    columns |= {
        name: pa.array([text] * length)
        for name, text in {
            "experiment_id": "baseline",
            "variant": variant,
            "direction": "increase",
            "is_control": variant == "a",
            "is_primary": False,
            "is_guardrail": False,
        }.items()
    }
    return pa.table(columns)


def _units_for_effects(
    metrics: _Metrics, effects: np.ndarray, levels: dict[str, float]
) -> pa.Table:
    """Return a row for each metric and relative effect."""
    value, deviation, reduction, status, arriving = _repeated(metrics, len(effects))
    effect = np.tile(effects, len(metrics.value))
    units = units_per_variant(
        value,
        deviation,
        effect,
        metrics.method == "arcsine",
        variance_reduction=reduction,
        **levels,
    )
    units = np.where(status == "ok", units, np.nan)
    with np.errstate(divide="ignore"):
        duration = np.ceil(VARIANTS * units / arriving)
    columns = {
        "question": "units for an effect",
        "relative_effect": effect,
        "effect": effect * value,
        "units_per_variant": units,
        "unit_count": VARIANTS * units,
        "duration_days": np.where(duration <= MOST_UNITS, duration, np.nan),
        "status": np.where((status == "ok") & np.isnan(units), "out of reach", status),
    }
    return _rows(metrics, columns, levels)


def _effects_after(
    metrics: _Metrics, days: np.ndarray, levels: dict[str, float]
) -> pa.Table:
    """Return a row for each metric and number of days."""
    value, deviation, reduction, status, arriving = _repeated(metrics, len(days))
    duration = np.tile(days, len(metrics.value))
    units = np.floor(arriving * duration / VARIANTS)
    effect = detectable_effect(
        value,
        deviation,
        units,
        metrics.method == "arcsine",
        variance_reduction=reduction,
        **levels,
    )
    effect = np.where(status == "ok", effect, np.nan)
    missing = np.where(units < 2, "no traffic", "out of reach")
    columns = {
        "question": "effect after days",
        "relative_effect": effect,
        "effect": effect * value,
        "units_per_variant": units,
        "unit_count": VARIANTS * units,
        "duration_days": duration,
        "status": np.where((status == "ok") & np.isnan(effect), missing, status),
    }
    return _rows(metrics, columns, levels)


def _repeated(metrics: _Metrics, times: int) -> list[np.ndarray]:
    """Repeat value, deviation, reduction, status and units per day of each metric."""
    arriving = np.nan_to_num(numbers(metrics.rows, "units_per_day"))
    columns = (*metrics[3:], arriving)
    return [np.repeat(column, times) for column in columns]


def _rows(
    metrics: _Metrics, columns: dict[str, Any], levels: dict[str, float]
) -> pa.Table:
    times = len(columns["status"]) // len(metrics.value)
    value, deviation, reduction, _, _ = _repeated(metrics, times)
    row = np.repeat(np.arange(len(metrics.value)), times)
    shared = {
        "metric_id": metrics.rows["metric_id"].take(row),
        "metric_kind": metrics.rows["metric_kind"].take(row),
        "method": metrics.method,
        "is_adjusted": metrics.is_adjusted,
        "variant_count": VARIANTS,
        "baseline_value": value,
        "standard_deviation": deviation,
        "variance_reduction": reduction,
    }
    return build(shared | levels | columns, len(row), POWER_SCHEMA)
