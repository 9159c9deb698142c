"""Means: Welch's t test of two arms, and Welch's analysis of variance of all."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.effects import Estimates, welch_degrees_of_freedom
from mercato.experiments.results import RESULTS_SCHEMA, of_groups
from mercato.experiments.statistics import Arms, Pairs


def mean_estimates(arms: Arms) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of y of each arm (m,) and its variance s^2 / n (m,)."""
    return arms.mean[:, 0], arms.covariance[:, 0, 0] / np.maximum(arms.count, 1)


def estimates_of(
    arms: Arms, pairs: Pairs, value: np.ndarray, variance: np.ndarray
) -> Estimates:
    """Put values of arms (m,) and their variances beside each other, as Welch does."""
    treated, control = pairs.treated, pairs.control
    return Estimates(
        value=value[treated],
        variance=variance[treated],
        control_value=value[control],
        control_variance=variance[control],
        degrees_of_freedom=welch_degrees_of_freedom(
            variance[treated],
            arms.count[treated],
            variance[control],
            arms.count[control],
        ),
    )


def welch(arms: Arms, pairs: Pairs) -> Comparison:
    """Compare the means of y by Welch's t test (Welch 1947, Biometrika 34)."""
    estimates = estimates_of(arms, pairs, *mean_estimates(arms))
    return compared("welch", "difference of means", arms, pairs, estimates)


def welch_anova(
    value: np.ndarray, variance: np.ndarray, count: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Test within groups of arms whether all expected values are equal.

    All arguments are (m,): an estimate for each arm, its squared standard error, the
    units behind it and the arm's group from 0. With weights w = 1 / variance, their sum
    W and weighted mean c of k arms, F = sum w (value - c)^2 / (k - 1) / (1 + 2 (k - 2)
    h / (k^2 - 1)) and denominator degrees of freedom (k^2 - 1) / (3 h), where h = sum
    (1 - w / W)^2 / (n - 1) (Welch 1951, Biometrika 38). For two arms F is the square of
    Welch's t.

    Returns F, the denominator's degrees of freedom and the p-value, one for each group;
    NaN where a group has fewer than two arms, or an arm no variance or fewer than two
    units.
    """
    usable = (variance > 0) & (count > 1)
    weight = np.divide(1, variance, out=np.full_like(variance, np.nan), where=usable)
    size = np.bincount(group)
    total = np.bincount(group, weight)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.bincount(group, weight * value) / total
        between = np.bincount(group, weight * (value - centre[group]) ** 2)
        rest = (1 - weight / total[group]) ** 2 / (count - 1)
        h = np.bincount(group, rest)
        scale = 1 + 2 * (size - 2) * h / (size**2 - 1)
        statistic = np.where(size > 1, between / (size - 1) / scale, np.nan)
        freedom = np.where(size > 1, (size**2 - 1) / (3 * h), np.nan)
    p_value = special.fdtrc(np.maximum(size - 1, 1), freedom, statistic)
    return statistic, freedom, p_value


def welch_anova_results(
    arms: Arms,
    value: np.ndarray,
    variance: np.ndarray,
    count: np.ndarray,
    estimand: str,
) -> pa.Table:
    """Test for each group of arms whether any variant differs at all.

    value, variance and count (m,) are as in welch_anova, one for each arm. One row of
    RESULTS_SCHEMA per experiment, metric and segment, of the comparison 'all variants'
    and the method 'welch_anova'; arms without units are left out. statistic is F,
    degrees_of_freedom those of its denominator.

    status is 'ok' or says why there is no test: 'one variant', 'no exposures' (in fewer
    than two variants), 'too few units' (an arm has one), 'no denominator' (an estimate
    is NaN), 'no variation' (an arm has no variance).
    """
    if len(arms.count) == 0:
        return RESULTS_SCHEMA.empty_table()
    used = np.flatnonzero(arms.count > 0)
    place = arms.group[used]
    groups = int(arms.group[-1]) + 1
    present, group = np.unique(place, return_inverse=True)
    found = {
        name: np.full(groups, np.nan)
        for name in ("statistic", "degrees_of_freedom", "p_value")
    }
    tests = welch_anova(value[used], variance[used], count[used], group)
    for name, column in zip(found, tests, strict=True):
        found[name][present] = column

    def any_arm(condition: np.ndarray) -> np.ndarray:
        return np.bincount(place, condition[used], minlength=groups) > 0

    status = np.select(
        [
            np.bincount(arms.group) < 2,
            np.bincount(place, minlength=groups) < 2,
            any_arm(count < 2),
            any_arm(~np.isfinite(value + variance)),
            any_arm(~(variance > 0)),
        ],
        [
            "one variant",
            "no exposures",
            "too few units",
            "no denominator",
            "no variation",
        ],
        default="ok",
    )
    tested = status == "ok"
    texts = {"method": "welch_anova", "estimand": estimand, "correction": "none"}
    columns = {name: np.where(tested, column, np.nan) for name, column in found.items()}
    return of_groups(arms, texts | columns | {"status": status, "is_default": False})
