"""Experiments that may be looked at every day.

A test planned for one look finds far more than 5 % of no effects significant when it is
looked at daily. Confidence sequences do not, and are wider.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.confidence_sequences import always_valid_p_value, reach
from mercato.experiments.effects import Estimates, check_level, interval, t_test
from mercato.experiments.means import estimates_of, mean_estimates
from mercato.experiments.multiplicity import running_maximum
from mercato.experiments.ratios import ratio_counts, ratio_estimates
from mercato.experiments.results import build
from mercato.experiments.statistics import (
    Arms,
    Pairs,
    group_numbers,
    is_kind,
    numbers,
    pair,
    read_arms,
    texts,
)

# With fewer units in an arm no interval is given, nor with fewer that carry a ratio's
# denominator. Simulated experiments without effect (2 % rates, revenue of one customer
# in ten, values of few orders; 28 looks) stay below alpha from here on.
LEAST_UNITS = 10
TUNING_N = 5000

_SERIES = ["experiment_id", "metric_id", "variant"]
_TEXTS = ["control_variant", "method", "estimand", "correction"]
_COUNTS = ["family_size", "unit_count", "control_unit_count"]
_NUMBERS = ["value", "control_value", "effect", "effect_lower", "effect_upper"]
_NUMBERS += ["relative_effect", "relative_effect_lower", "relative_effect_upper"]
_NUMBERS += ["confidence_level", "standard_error", "statistic", "p_value"]
_NUMBERS += ["running_p_value", "fixed_p_value"]
_NUMBERS += ["fixed_effect_lower", "fixed_effect_upper"]
TIMELINE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in _SERIES]
    + [("observed_date", pa.date32())]
    + [(name, pa.string()) for name in _TEXTS]
    + [(name, pa.int64()) for name in _COUNTS]
    + [(name, pa.float64()) for name in _NUMBERS]
    + [("is_significant", pa.bool_()), ("status", pa.string())]
)


def timeline(
    statistics_by_day: pa.Table,
    *,
    confidence_level: float = 0.95,
    tuning_n: int = TUNING_N,
) -> pa.Table:
    """Follow each variant beside its control from day to day; rows of TIMELINE_SCHEMA.

    statistics_by_day is of STATISTICS_SCHEMA with a column observed_date instead of
    segments, sums and counts being those to the end of the date. Sorted by experiment,
    metric, variant and date.

    effect_lower and effect_upper hold on all days at once with probability
    confidence_level, p_value is their level of no effect and running_p_value its
    minimum so far: is_significant where that is below 1 - confidence_level. Where an
    experiment has several variants they hold for all of them (correction 'bonferroni'
    over family_size variants). standard_error is Welch's, or that of a variance common
    to both arms where that is larger: a small arm of a skewed metric knows its own
    variance too badly. The theory has each unit counted once, with its final value:
    values that still grow afterwards make it an approximation. The fixed columns are
    Welch's test of one single look on that day, uncorrected.

    status is 'ok', or says why there is no interval: 'no control', 'several controls',
    'no exposures', 'too few units' (less than 10 in an arm, or that carry a ratio:
    ratio_counts), 'no denominator', 'no variation', or 'quantile', for which there is
    no confidence sequence.

    Raises ValueError where confidence_level is not between 0 and 1, tuning_n below 1,
    and as read_arms does.
    """
    check_level("confidence_level", confidence_level)
    if tuning_n < 1:
        raise ValueError(f"tuning_n == {tuning_n}, must be >= 1.")
    arms = read_arms(statistics_by_day, by=("observed_date",))
    pairs = pair(arms)
    comparison = _comparison(arms, pairs)
    columns = _fixed(arms, pairs, comparison, confidence_level)
    columns |= _sequence(arms, pairs, comparison, confidence_level, tuning_n)
    rows = build(columns, len(pairs.treated), TIMELINE_SCHEMA)
    order = [(name, "ascending") for name in [*_SERIES, "observed_date"]]
    return _with_running_columns(rows.sort_by(order), 1 - confidence_level)


def _comparison(arms: Arms, pairs: Pairs) -> Comparison:
    """Compare the means or ratios of two arms, quantiles with a status of their own."""
    is_ratio = is_kind(arms, ("ratio",))
    is_quantile = is_kind(arms, ("quantile",))[pairs.treated]
    value, variance = (
        np.where(is_ratio, of_ratio, of_mean)
        for of_ratio, of_mean in zip(
            ratio_estimates(arms), mean_estimates(arms), strict=True
        )
    )
    estimand = np.where(
        is_ratio, "difference of ratios of sums", "difference of means"
    )[pairs.treated]
    carrying = arms._replace(count=ratio_counts(arms))
    comparison = compared(
        "confidence_sequence",
        estimand,
        carrying,
        pairs,
        estimates_of(carrying, pairs, value, variance).where(~is_quantile),
        least_units=LEAST_UNITS,
        undefined="no denominator",
    )
    status = np.where(is_quantile & pairs.is_known, "quantile", comparison.status)
    return comparison._replace(status=status)


def _fixed(
    arms: Arms, pairs: Pairs, comparison: Comparison, level: float
) -> dict[str, Any]:
    """Return what is compared, and what a single look on that day would say."""
    treated, control = arms.rows.take(pairs.treated), arms.rows.take(pairs.control)
    known = pa.array(pairs.is_known)
    tested = comparison.status == "ok"
    estimates = comparison.estimates
    lower, upper = interval(estimates, level)
    _, p_value = t_test(estimates)
    return {name: treated[name] for name in [*_SERIES, "observed_date"]} | {
        "control_variant": pc.if_else(known, control["variant"], None),
        "method": comparison.method,
        "estimand": comparison.estimand,
        "unit_count": treated["unit_count"],
        "control_unit_count": pc.if_else(known, control["unit_count"], None),
        "value": estimates.value,
        "control_value": estimates.control_value,
        "effect": estimates.effect,
        "confidence_level": level,
        "fixed_p_value": np.where(tested, p_value, np.nan),
        "fixed_effect_lower": np.where(tested, lower, np.nan),
        "fixed_effect_upper": np.where(tested, upper, np.nan),
        "status": comparison.status,
    }


def _sequence(
    arms: Arms, pairs: Pairs, comparison: Comparison, level: float, tuning_n: int
) -> dict[str, Any]:
    """Return interval and p-value of the confidence sequence."""
    estimates = comparison.estimates.where(comparison.status == "ok")
    count, control_count = arms.count[pairs.treated], arms.count[pairs.control]
    units = count + control_count
    family_size = _family_sizes(arms, pairs)
    alpha = (1 - level) / family_size
    error = _cautious_error(estimates, count, control_count)
    statistic = estimates.effect / error
    p_value = family_size * always_valid_p_value(statistic, units, alpha, tuning_n)
    half = reach(units, alpha, tuning_n)
    ratio, logarithmic_error = _logarithmic(estimates)
    spread = half * logarithmic_error * error / estimates.standard_error
    # A bound of e^100 times the control's value says nothing.
    spread = np.exp(np.where(spread < 100, spread, np.nan))
    return {
        "correction": np.where(family_size > 1, "bonferroni", "none"),
        "family_size": family_size,
        "effect_lower": estimates.effect - half * error,
        "effect_upper": estimates.effect + half * error,
        "relative_effect": ratio - 1,
        "relative_effect_lower": ratio / spread - 1,
        "relative_effect_upper": ratio * spread - 1,
        "standard_error": error,
        "statistic": statistic,
        "p_value": np.minimum(p_value, 1.0),
    }


def _cautious_error(
    estimates: Estimates, count: np.ndarray, control_count: np.ndarray
) -> np.ndarray:
    """Return Welch's standard error, or that of one common variance where larger.

    They are equal for arms of equal size. The smaller arm of a skewed metric has too
    low a variance whenever it has too low a mean: Welch's error alone then takes the
    lack of a few large values for an effect.
    """
    count, control_count = np.maximum(count, 1), np.maximum(control_count, 1)
    squares = estimates.variance * count**2
    squares = squares + estimates.control_variance * control_count**2
    common = squares / (count * control_count)
    return np.sqrt(np.maximum(common, estimates.standard_error**2))


def _logarithmic(estimates: Estimates) -> tuple[np.ndarray, np.ndarray]:
    """Return value / control_value and the standard error of its logarithm, (k,).

    By the delta method; NaN unless both values have the same sign and are not 0.
    """
    value, control = estimates.value, estimates.control_value
    known = value * control > 0
    value, control = np.where(known, value, np.nan), np.where(known, control, np.nan)
    variance = estimates.variance / value**2 + estimates.control_variance / control**2
    return value / control, np.sqrt(variance)


def _family_sizes(arms: Arms, pairs: Pairs) -> np.ndarray:
    """Count the variants compared with a control on any day, at least 1, (k,)."""
    metric = group_numbers(arms.rows, _SERIES[:2])[pairs.treated]
    _, variant = np.unique(texts(arms.rows, "variant"), return_inverse=True)
    series = np.stack([metric, variant[pairs.treated]])[:, pairs.is_known]
    size = int(metric.max(initial=-1)) + 1
    compared_variants = np.bincount(np.unique(series, axis=1)[0], minlength=size)
    return np.maximum(compared_variants, 1)[metric]


def _with_running_columns(rows: pa.Table, alpha: float) -> pa.Table:
    """Fill in the smallest p-value so far; rows are sorted by series and date."""
    rows = rows.combine_chunks()
    p_value = numbers(rows, "p_value")
    # A day without an interval finds nothing, and forgets nothing.
    running = -running_maximum(
        -np.where(np.isnan(p_value), np.inf, p_value), group_numbers(rows, _SERIES)
    )
    looked = np.isfinite(running)
    for name, values in (
        ("running_p_value", pa.array(running, mask=~looked)),
        ("is_significant", pa.array(running < alpha)),
    ):
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), values)
    return rows
