"""CUPED: less noise by what was known of the units before their exposure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mercato.experiments.comparisons import Comparison, compared, variance_reduction
from mercato.experiments.effects import Estimates, welch_degrees_of_freedom
from mercato.experiments.ratios import ratio_counts
from mercato.experiments.statistics import Arms, Pairs


class Pooled(NamedTuple):
    """Moments of both arms of k pairs taken as one sample: (k,), (k, 4), (k, 4, 4)."""

    count: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


class _Moments(NamedTuple):
    """Of one side of k pairs: metric and covariate with their unit variances (k,)."""

    value: np.ndarray
    covariate: np.ndarray
    value_variance: np.ndarray
    covariate_variance: np.ndarray
    shared: np.ndarray


def cuped(arms: Arms, pairs: Pairs, is_ratio: bool = False) -> Comparison:
    """Compare two arms after taking out what the pre-exposure covariate explains.

    With y the metric and x the same metric before the exposure: y - theta (x - mean x),
    theta = cov(y, x) / var(x) in both arms taken as one sample (Deng, Xu, Kohavi &
    Walker 2013, WSDM, section 3). Ratios y / d and x / w are linearised first (the
    delta method: (y - R d) / mean d). The test is Welch's. variance_reduction is 1 -
    squared standard error of the effect / the one without the covariate.

    status, beside those of compared: 'no denominator' (a ratio whose d sums to 0) and
    'no covariate' (x does not vary, or a ratio's w sums to 0 in an arm).
    """
    carrying = arms._replace(count=ratio_counts(arms)) if is_ratio else arms
    plain, adjusted = _estimates(arms, carrying, pairs, is_ratio)
    comparison = compared(
        "cuped",
        "difference of ratios of sums" if is_ratio else "difference of means",
        carrying,
        pairs,
        adjusted,
        undefined="no covariate",
        columns={"variance_reduction": variance_reduction(adjusted, plain)},
    )
    status = comparison.status
    status[(status == "no covariate") & np.isnan(plain.effect)] = "no denominator"
    return comparison


def _estimates(
    arms: Arms, carrying: Arms, pairs: Pairs, is_ratio: bool
) -> tuple[Estimates, Estimates]:
    """Estimate with and without the covariate; carrying counts degrees of freedom."""
    both = pooled(arms, pairs)
    total = _linearised(both.mean, both.covariance, is_ratio)
    theta = np.full_like(total.shared, np.nan)
    varies = total.covariate_variance > 0
    np.divide(total.shared, total.covariate_variance, out=theta, where=varies)
    plain, adjusted, counts = [], [], []
    for side in (pairs.treated, pairs.control):
        moments = _linearised(*_side(arms, side), is_ratio)
        count = np.maximum(arms.count[side], 1)
        shift = theta * (moments.covariate - total.covariate)
        plain += [moments.value, moments.value_variance / count]
        adjusted += [moments.value - shift, _residual(moments, theta) / count]
        counts.append(carrying.count[side])
    freedom = welch_degrees_of_freedom(adjusted[1], counts[0], adjusted[3], counts[1])
    return Estimates(*plain, freedom), Estimates(*adjusted, freedom)


def pooled(arms: Arms, pairs: Pairs) -> Pooled:
    """Take both arms of each pair as one sample.

    The sums of squares within the arms and between them are added, so that large means
    cost no precision.
    """
    count, control_count = arms.count[pairs.treated], arms.count[pairs.control]
    total = count + control_count
    share = np.divide(count, total, out=np.full_like(total, np.nan), where=total > 0)
    mean, covariance = _side(arms, pairs.treated)
    control_mean, control_covariance = _side(arms, pairs.control)
    gap = mean - control_mean
    between = gap[:, :, None] * gap[:, None, :]
    within = (
        covariance * (count - 1)[:, None, None]
        + control_covariance * (control_count - 1)[:, None, None]
    )
    weight = (share * control_count)[:, None, None]
    spread = within + weight * between
    return Pooled(
        count=total,
        mean=control_mean + share[:, None] * gap,
        covariance=spread / np.maximum(total - 1, 1)[:, None, None],
    )


def _side(arms: Arms, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return arms.mean[side], arms.covariance[side]


def _linearised(mean: np.ndarray, covariance: np.ndarray, is_ratio: bool) -> _Moments:
    """Read metric and covariate, ratios by their slopes in y, d and in x, w."""
    value, slopes = _slopes(mean[:, 0], mean[:, 1], is_ratio)
    covariate, covariate_slopes = _slopes(mean[:, 2], mean[:, 3], is_ratio)

    def product(left: np.ndarray, i: int, right: np.ndarray, j: int) -> np.ndarray:
        block = covariance[:, i : i + 2, j : j + 2]
        return np.einsum("ka,kab,kb->k", left, block, right)

    return _Moments(
        value=value,
        covariate=covariate,
        value_variance=product(slopes, 0, slopes, 0),
        covariate_variance=product(covariate_slopes, 2, covariate_slopes, 2),
        shared=product(slopes, 0, covariate_slopes, 2),
    )


def _slopes(
    numerator: np.ndarray, denominator: np.ndarray, is_ratio: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return the metric (k,) and its derivatives by the two means (k, 2)."""
    if not is_ratio:
        one = np.ones_like(numerator)
        return numerator, np.stack([one, 0 * one], axis=1)
    known = denominator != 0
    inverse = np.divide(
        1, denominator, out=np.full_like(denominator, np.nan), where=known
    )
    ratio = numerator * inverse
    return ratio, np.stack([inverse, -ratio * inverse], axis=1)


def _residual(side: _Moments, theta: np.ndarray) -> np.ndarray:
    """Return the variance of y - theta x; rounding may leave less than nothing."""
    explained = theta**2 * side.covariate_variance
    left = side.value_variance + explained - 2 * theta * side.shared
    rounding = 1e-12 * (side.value_variance + explained)
    return np.where(left <= rounding, 0.0, left)
