"""Ratios: the sum of y over the sum of d, where units and not events were assigned."""

from __future__ import annotations

import numpy as np

from mercato.experiments.comparisons import Comparison, compared
from mercato.experiments.means import estimates_of
from mercato.experiments.statistics import Arms, Pairs


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


def delta(arms: Arms, pairs: Pairs) -> Comparison:
    """Compare the ratios of two arms by the delta method and Welch's t test."""
    estimates = estimates_of(arms, pairs, *ratio_estimates(arms))
    return compared(
        "delta",
        "difference of ratios of sums",
        arms,
        pairs,
        estimates,
        undefined="no denominator",
    )
