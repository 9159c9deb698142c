"""Guardrails: tests that a variant is hardly worse than its control, or as good as it.

Margins are relative to the control's value, which is an estimate like the variant's:
what is tested is value - (1 - margin) * control value, with the variance of both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mercato.experiments.comparisons import Comparison
from mercato.experiments.effects import (
    Estimates,
    check_level,
    interval,
    quantile,
    tail,
)


class MarginTest(NamedTuple):
    """Tests of k comparisons against a margin; arrays of shape (k,), NaN if undefined.

    p_value is one-sided.
    """

    statistic: np.ndarray
    p_value: np.ndarray


def non_inferiority(
    estimates: Estimates, margin: np.ndarray, is_increase_good: np.ndarray
) -> MarginTest:
    """Test whether each value is worse than its control's by less than the margin.

    margin (k,) is relative to the control's value, is_increase_good (k,) says which way
    is better. Where an increase is, the null hypothesis is value <= r control value
    with r = 1 - margin, and t = (value - r control value) / sqrt(variance + r^2 control
    variance) with the degrees of freedom of the estimates; where a decrease is, value
    >= r control value with r = 1 + margin, and t is the negative.

    NaN where an estimate or the margin is NaN, the standard error 0, or the control's
    value not above 0. Raises ValueError where a margin is negative.

    >>> from numpy import array as a
    >>> rates = Estimates(a([0.5]), a([0.0001]), a([0.5]), a([0.0]), a([np.inf]))
    >>> non_inferiority(rates, a([0.04]), a([True])).statistic.round(9).tolist()
    [2.0]
    """
    margin = _checked_margin(margin)
    is_increase_good = np.asarray(is_increase_good, dtype=bool)
    sign = np.where(is_increase_good, 1.0, -1.0)
    statistic = sign * _against_ratio(estimates, 1 - sign * margin)
    return MarginTest(statistic, tail(estimates.degrees_of_freedom, statistic))


def equivalence(estimates: Estimates, margin: np.ndarray) -> MarginTest:
    """Test whether each value differs from its control's by less than the margin.

    Two one-sided tests (Schuirmann 1987, Journal of Pharmacokinetics and
    Biopharmaceutics 15): lower by less than the margin, and higher by less. The
    statistic is the smaller of the two, the p-value the larger. Undefined values and
    errors are those of non_inferiority.
    """
    margin = _checked_margin(margin)
    statistic = np.minimum(
        _against_ratio(estimates, 1 - margin), -_against_ratio(estimates, 1 + margin)
    )
    return MarginTest(statistic, tail(estimates.degrees_of_freedom, statistic))


def ratio_bounds(estimates: Estimates, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bound (k,) of value / control_value - 1.

    Each bound holds on its own with probability level. They are Fieller's (1954,
    Journal of the Royal Statistical Society B 16), the ratios that a one-sided test at
    1 - level just does not reject: non-inferiority has p_value < 1 - level exactly
    where the lower bound is above -margin. NaN where an estimate is NaN, and where the
    control's value is not above 0 at this level, so that any ratio is possible.
    """
    check_level("level", level)
    value, control = estimates.value, estimates.control_value
    reach = quantile(estimates.degrees_of_freedom, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = control**2 - reach**2 * estimates.control_variance
        spread = estimates.variance * scale + value**2 * estimates.control_variance
        known = (control > 0) & (scale > 0) & (spread > 0)
        root = reach * np.sqrt(np.where(known, spread, np.nan))
        centre = value * control
        return (centre - root) / scale - 1, (centre + root) / scale - 1


def guardrails(
    comparison: Comparison,
    margin: np.ndarray,
    is_increase_good: np.ndarray,
    *,
    level: float,
) -> list[Comparison]:
    """Return a comparison as tests of non-inferiority and of equivalence.

    margin and is_increase_good are (k,) as above. Bounds of the effect and of the
    relative effect each hold on their own with probability level, as the one-sided
    tests ask; those of the relative effect are ratio_bounds. status is that of the
    comparison, or 'no margin', or 'control value not above 0'. Raises ValueError where
    a margin is negative or level not above 0.5 and below 1.
    """
    if not 0.5 < level < 1:
        raise ValueError(f"level == {level}, must be > 0.5 and < 1.")
    margin = _checked_margin(margin)
    estimates = comparison.estimates
    lower, upper = interval(estimates, 2 * level - 1)
    relative_lower, relative_upper = ratio_bounds(estimates, level)
    status = np.select(
        [comparison.status != "ok", np.isnan(margin), ~(estimates.control_value > 0)],
        [comparison.status, "no margin", "control value not above 0"],
        default="ok",
    ).astype(object)
    tests = {
        "non_inferiority": non_inferiority(estimates, margin, is_increase_good),
        "equivalence": equivalence(estimates, margin),
    }
    return [
        Comparison(
            method,
            comparison.estimand,
            estimates,
            status,
            {
                "effect_lower": lower,
                "effect_upper": upper,
                "relative_effect_lower": relative_lower,
                "relative_effect_upper": relative_upper,
                "statistic": test.statistic,
                "p_value": test.p_value,
                "margin": margin,
            },
        )
        for method, test in tests.items()
    ]


def _against_ratio(estimates: Estimates, ratio: np.ndarray) -> np.ndarray:
    """Return the t statistic of value - ratio * control value, shape (k,)."""
    distance = estimates.value - ratio * estimates.control_value
    variance = estimates.variance + ratio**2 * estimates.control_variance
    known = (variance > 0) & (estimates.control_value > 0)
    error = np.sqrt(np.where(known, variance, np.nan))
    return distance / error


def _checked_margin(margin: np.ndarray) -> np.ndarray:
    margin = np.asarray(margin, dtype=float)
    if (margin < 0).any():
        raise ValueError(f"margin == {np.nanmin(margin)}, must be >= 0.")
    return margin
