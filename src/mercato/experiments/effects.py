"""Effects: an estimate for the variant and one for the control, and how sure they are.

Every test of two arms ends here, whatever it estimates (a mean, a rate, a ratio, a
quantile, adjusted or not): two values, their variances, and degrees of freedom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special


class Estimates(NamedTuple):
    """What k comparisons estimate; arrays of shape (k,), NaN where undefined.

    value and control_value are in the metric's unit, variance and control_variance
    their squared standard errors. The two arms are independent.
    """

    value: np.ndarray
    variance: np.ndarray
    control_value: np.ndarray
    control_variance: np.ndarray
    degrees_of_freedom: np.ndarray

    @property
    def effect(self) -> np.ndarray:
        """The variant's value less the control's."""
        return self.value - self.control_value

    @property
    def standard_error(self) -> np.ndarray:
        """The standard error of the effect."""
        return np.sqrt(self.variance + self.control_variance)

    def where(self, known: np.ndarray) -> Estimates:
        """Return the same with NaN for the comparisons that are not known."""
        return Estimates(*(np.where(known, column, np.nan) for column in self))


def welch_degrees_of_freedom(
    variance: np.ndarray,
    count: np.ndarray,
    control_variance: np.ndarray,
    control_count: np.ndarray,
) -> np.ndarray:
    """Return the degrees of freedom of a difference of two means, shape (k,).

    The variances are those of the estimates (s^2 / n). Welch (1947, Biometrika 34).
    NaN where both are 0 or an arm has fewer than two units.

    >>> from numpy import array as a
    >>> welch_degrees_of_freedom(a([1.0]), a([11]), a([1.0]), a([11])).tolist()
    [20.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = variance**2 / (count - 1) + control_variance**2 / (control_count - 1)
        freedom = (variance + control_variance) ** 2 / parts
    enough = (count > 1) & (control_count > 1)
    return np.where(enough & np.isfinite(freedom), freedom, np.nan)


def t_test(estimates: Estimates) -> tuple[np.ndarray, np.ndarray]:
    """Return the t statistic of each effect and its two-sided p-value, shape (k,).

    NaN where the standard error is 0 or undefined. Infinite degrees of freedom make it
    a z test.
    """
    error = estimates.standard_error
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(error > 0, estimates.effect / error, np.nan)
    return statistic, 2 * tail(estimates.degrees_of_freedom, np.abs(statistic))


def tail(degrees_of_freedom: np.ndarray, statistic: np.ndarray) -> np.ndarray:
    """Return the probability that Student's t exceeds the statistic, shape (k,)."""
    infinite = np.isinf(degrees_of_freedom)
    finite = np.where(infinite, 1.0, degrees_of_freedom)
    return np.where(
        infinite, special.ndtr(-statistic), special.stdtr(finite, -statistic)
    )


def quantile(degrees_of_freedom: np.ndarray, probability: float) -> np.ndarray:
    """Return the quantile of Student's t, or of the normal for infinite freedom."""
    infinite = np.isinf(degrees_of_freedom)
    finite = np.where(infinite, 1.0, degrees_of_freedom)
    return np.where(
        infinite, special.ndtri(probability), special.stdtrit(finite, probability)
    )


def interval(estimates: Estimates, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper bound of each effect at a level in (0, 1)."""
    check_level("confidence_level", level)
    half = quantile(estimates.degrees_of_freedom, (1 + level) / 2)
    half = half * np.where(
        estimates.standard_error > 0, estimates.standard_error, np.nan
    )
    return estimates.effect - half, estimates.effect + half


def relative(
    estimates: Estimates, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return value / control_value - 1 with its lower and upper bound, shape (k,).

    The interval is that of the logarithm of the ratio, whose variance is by the delta
    method variance / value^2 + control_variance / control_value^2. NaN unless both
    values have the same sign and are not 0.
    """
    check_level("confidence_level", level)
    value, control = estimates.value, estimates.control_value
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = value / control
        known = np.isfinite(ratio) & (ratio > 0)
        ratio = np.where(known, ratio, np.nan)
        error = np.sqrt(
            estimates.variance / value**2 + estimates.control_variance / control**2
        )
        half = quantile(estimates.degrees_of_freedom, (1 + level) / 2) * error
        # A bound of e^100 times the control's value says nothing.
        spread = np.exp(np.where(half < 100, half, np.nan))
        return ratio - 1, ratio / spread - 1, ratio * spread - 1


def check_level(name: str, level: float) -> None:
    """Refuse a level that is not between 0 and 1."""
    if not 0 < level < 1:
        raise ValueError(f"{name} == {level}, must be > 0 and < 1.")
