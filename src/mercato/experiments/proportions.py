"""Proportions: whether more units of a variant converted than of its control."""

from __future__ import annotations

import numpy as np
from scipy import special

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.contingency import (
    SMALL_EXPECTED_COUNT,
    conversions,
    fisher_exact,
    pearson_chi_square,
)
from mercato.experiments.effects import Estimates, check_level
from mercato.experiments.statistics import Arms, Pairs


def two_proportions(arms: Arms, pairs: Pairs, level: float) -> Comparison:
    """Compare the rates of converted units of two arms.

    The test is the z test of the pooled rate, whose square is Pearson's chi-square
    without continuity correction, and Fisher's exact test (no statistic) where an
    expected count is below 5. Whichever it is, the interval of the effect is Newcombe's
    and that of the relative effect the delta method's of the logarithm of the ratio;
    standard_error is the unpooled one.

    Raises ValueError as conversions does.
    """
    hits, units = conversions(arms), arms.count
    treated, control = pairs.treated, pairs.control
    tables = np.stack(
        [
            np.stack([hits[side], units[side] - hits[side]], axis=1)
            for side in (treated, control)
        ],
        axis=1,
    )
    test = pearson_chi_square(tables)
    exact = test.minimum_expected_count < SMALL_EXPECTED_COUNT
    p_value = test.p_value.copy()
    p_value[exact] = fisher_exact(tables[exact])
    estimates = rate_estimates(arms, pairs, hits)
    sign = np.sign(estimates.effect)
    lower, upper = newcombe(tables, level)
    comparison = compared(
        "two_proportion",
        "difference of rates, Newcombe interval",
        arms,
        pairs,
        estimates,
        least_units=1,
        columns={
            "statistic": np.where(exact, np.nan, sign * np.sqrt(test.statistic)),
            "p_value": p_value,
            "effect_lower": lower,
            "effect_upper": upper,
            "cramers_v": test.cramers_v,
            "minimum_expected_count": test.minimum_expected_count,
        },
    )
    # All of one arm and none of the other converted: no variance within, but a test.
    status = comparison.status
    status[(status == "no variation") & ~np.isnan(test.p_value)] = "ok"
    method = np.where(exact, "fisher_exact", "two_proportion")
    return comparison._replace(method=method, status=status)


def rate_estimates(arms: Arms, pairs: Pairs, hits: np.ndarray) -> Estimates:
    """Return rates p with variance p (1 - p) / n and the normal distribution."""
    some = arms.count > 0
    count = np.where(some, arms.count, np.nan)
    rate = hits / count
    variance = rate * (1 - rate) / count
    return Estimates(
        value=rate[pairs.treated],
        variance=variance[pairs.treated],
        control_value=rate[pairs.control],
        control_variance=variance[pairs.control],
        degrees_of_freedom=np.full(len(pairs.treated), np.inf),
    )


def newcombe(tables: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the interval of the difference of two rates, lower and upper, (k,) each.

    tables is (k, 2, 2): converted and other units of the variant, then of the control.
    Wilson's intervals of both rates are combined (Newcombe 1998, Statistics in Medicine
    17, method 10). NaN where an arm has no units.

    Raises ValueError where level is not between 0 and 1.

    >>> lower, upper = newcombe(np.array([[[150, 850], [120, 880]]]), 0.95)
    >>> lower.round(6).tolist(), upper.round(6).tolist()
    ([1.4e-05], [0.060008])
    """
    check_level("confidence_level", level)
    rate, lower, upper = wilson(tables[:, 0], level)
    control_rate, control_lower, control_upper = wilson(tables[:, 1], level)
    effect = rate - control_rate
    return (
        effect - np.hypot(rate - lower, control_upper - control_rate),
        effect + np.hypot(upper - rate, control_rate - control_lower),
    )


def wilson(
    counts: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rates of counts (k, 2), and the bounds of Wilson's intervals, (k,) each.

    counts are what happened and what did not (Wilson 1927, Journal of the American
    Statistical Association 22). NaN where there is neither.

    >>> [bound.round(6).tolist() for bound in wilson(np.array([[0, 16]]), 0.95)]
    [[0.0], [0.0], [0.193608]]
    """
    units = counts.sum(axis=1)
    units = np.where(units > 0, units, np.nan)
    z = special.ndtri((1 + level) / 2)
    rate = counts[:, 0] / units
    centre = rate + z**2 / (2 * units)
    width = z * np.sqrt(rate * (1 - rate) / units + z**2 / (4 * units**2))
    scale = 1 + z**2 / units
    lower = np.clip((centre - width) / scale, 0, rate)
    return rate, lower, np.clip((centre + width) / scale, rate, 1)
