"""Intervals that hold on all days at once, so that an experiment may stop on any.

Asymptotic confidence sequences of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024,
Annals of Statistics 52), for estimates that are nearly normal on every day.
"""

from __future__ import annotations

import numpy as np


def reach(unit_count: np.ndarray, alpha: np.ndarray, tuning_n: int) -> np.ndarray:
    """Return how many standard errors a confidence sequence reaches to each side, (k,).

    sqrt(2 (n r^2 + 1) / (n r^2) * ln(sqrt(n r^2 + 1) / alpha)) after n units of both
    arms, r^2 = (-2 ln alpha + ln(1 - 2 ln alpha)) / tuning_n, which makes it nearly as
    narrow as any such sequence after tuning_n units.

    >>> reach(np.array([5000.0]), np.array([0.05]), 5000).round(3).tolist()
    [3.035]
    """
    information = unit_count * _spread(alpha, tuning_n)
    with np.errstate(divide="ignore"):
        return np.sqrt(
            2 * (1 + 1 / information) * (np.log1p(information) / 2 - np.log(alpha))
        )


def always_valid_p_value(
    statistic: np.ndarray, unit_count: np.ndarray, alpha: np.ndarray, tuning_n: int
) -> np.ndarray:
    """Return the level (k,) at which the confidence sequence just holds no effect.

    It solves reach = |statistic| for the level, r^2 staying that of alpha, and is at
    most 1: below alpha falls the p-value exactly where 0 lies outside the interval.
    """
    information = unit_count * _spread(alpha, tuning_n)
    with np.errstate(divide="ignore"):
        shrunk = statistic**2 / (1 + 1 / information)
    exponent = (np.log1p(information) - shrunk) / 2
    return np.exp(np.minimum(exponent, 0.0))


def _spread(alpha: np.ndarray, tuning_n: int) -> np.ndarray:
    """Return r^2, which fits the sequence to a number of units."""
    return (-2 * np.log(alpha) + np.log1p(-2 * np.log(alpha))) / tuning_n
