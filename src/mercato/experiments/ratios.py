"""Ratios: the sum of y over the sum of d, where units and not events were assigned."""

from __future__ import annotations

import numpy as np

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.means import estimates_of
from mercato.experiments.statistics import Arms, Pairs, numbers

# Where this many units carry the denominator, Student's t is as good as normal.
MANY_UNITS = 1_000


def ratio_estimates(arms: Arms) -> tuple[np.ndarray, np.ndarray]:
    """Return the ratio R = mean y / mean d of each arm (m,) and its variance (m,).

    By the delta method: (s_yy - 2 R s_yd + R^2 s_dd) / (n mean d^2) (Deng, Knoblich &
    Lu 2018, KDD, section 3). NaN where mean d is 0.
    """
    y, d = arms.mean[:, 0], arms.mean[:, 1]
    ratio = np.divide(y, d, out=np.full_like(y, np.nan), where=d != 0)
    covariance = arms.covariance
    spread = (
        covariance[:, 0, 0]
        - 2 * ratio * covariance[:, 0, 1]
        + ratio**2 * covariance[:, 1, 1]
    )
    scale = np.where(d != 0, arms.count * d**2, np.nan)
    # Rounding can leave less than nothing of a y that is a multiple of d.
    rounding = 1e-12 * (covariance[:, 0, 0] + ratio**2 * covariance[:, 1, 1])
    return ratio, np.where(spread <= rounding, 0.0, spread) / scale


def ratio_counts(arms: Arms) -> np.ndarray:
    """Return how many units (m,) the variance of each arm's ratio rests on.

    Kish's effective number (sum d)^2 / sum d^2: where d is 0 or 1, the units that have
    it. Of 500 visitors 6 may have ordered, and the value of an order is known from 6.
    From 1,000 on, and where d sums to 0, all units.
    """
    square = numbers(arms.rows, "sum_dd")
    effective = np.full_like(square, np.nan)
    np.divide(numbers(arms.rows, "sum_d") ** 2, square, out=effective, where=square > 0)
    few = (effective < MANY_UNITS) & (arms.mean[:, 1] != 0)
    # Rounding must not make less than two units of two.
    return np.where(few, np.round(effective, 9), arms.count)


def delta(arms: Arms, pairs: Pairs) -> Comparison:
    """Compare the ratios of two arms by the delta method and Welch's t test.

    The units behind degrees of freedom, and those that are 'too few', are ratio_counts.
    """
    value, variance = ratio_estimates(arms)
    carrying = arms._replace(count=ratio_counts(arms))
    estimates = estimates_of(carrying, pairs, value, variance)
    return compared(
        "delta",
        "difference of ratios of sums",
        carrying,
        pairs,
        estimates,
        undefined="no denominator",
    )
