"""Sample sizes: units that an effect takes to be seen, and effects that units can show.

Normal approximations of the two-sided test of one variant beside its control, both of
the same size and variance.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from mercato.experiments.effects import check_level

# More units than this are as good as none.
MOST_UNITS = 1e12


def reach(confidence_level: float, power: float) -> float:
    """Return how many standard errors an effect has to be away from none.

    Raises ValueError where confidence_level or power is not between 0 and 1.
    """
    check_level("confidence_level", confidence_level)
    check_level("power", power)
    return special.ndtri((1 + confidence_level) / 2) + special.ndtri(power)


def units_per_variant(
    value: np.ndarray,
    standard_deviation: np.ndarray,
    relative_effect: np.ndarray,
    is_proportion: np.ndarray,
    *,
    confidence_level: float = 0.95,
    power: float = 0.8,
    variance_reduction: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Return the units each of two variants needs to find relative effects.

    All arrays broadcast to one shape, which the result has: the metric's value and the
    standard deviation of its units without an effect, the effect as a share of the
    value, and whether the metric is a proportion. With z the sum of the normal
    quantiles of 1 - alpha / 2 and of power,

    - means and ratios: 2 z^2 standard_deviation^2 / (relative_effect value)^2;
    - proportions: 2 z^2 / h^2, h = 2 arcsin sqrt(p (1 + relative_effect)) - 2 arcsin
      sqrt(p) (Cohen 1988, Statistical Power Analysis, chapter 6);

    times 1 - variance_reduction (of CUPED), rounded up, at least 2. NaN where the
    effect is 0 or undefined, the value not above 0, the standard deviation 0 or the
    proportion with the effect not between 0 and 1. Raises ValueError where
    confidence_level or power is not between 0 and 1.

    >>> units_per_variant(0.1, 0.3, 0.2, True).item()
    3835.0
    """
    z = reach(confidence_level, power)
    value, standard_deviation, relative_effect = map(
        np.asarray, (value, standard_deviation, relative_effect)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        of_means = relative_effect * value / standard_deviation
        changed = value * (1 + relative_effect)
        of_rates = _angle(changed) - _angle(value)
        size = np.where(is_proportion, of_rates, of_means)
        units = 2 * z**2 / size**2 * (1 - np.asarray(variance_reduction))
        known = (value > 0) & (standard_deviation > 0) & (units <= MOST_UNITS)
    return np.where(known, np.maximum(np.ceil(units), 2.0), np.nan)


def detectable_effect(
    value: np.ndarray,
    standard_deviation: np.ndarray,
    units_per_variant: np.ndarray,
    is_proportion: np.ndarray,
    *,
    confidence_level: float = 0.95,
    power: float = 0.8,
    variance_reduction: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Return the least relative increase that so many units per variant can find.

    The inverse of the function units_per_variant, and of its arguments. NaN where there
    are fewer than two units, no increase of a proportion is large enough, and where
    value or standard deviation is not above 0.

    >>> detectable_effect(0.1, 0.3, 3835, True).round(4).item()
    0.2
    """
    z = reach(confidence_level, power)
    value, standard_deviation, units = map(
        np.asarray, (value, standard_deviation, units_per_variant)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        size = z * np.sqrt(2 * (1 - np.asarray(variance_reduction)) / units)
        angle = _angle(value) + size
        changed = np.where(angle < np.pi, np.sin(angle / 2) ** 2, np.nan)
        effect = np.where(
            is_proportion, changed / value - 1, size * standard_deviation / value
        )
        known = (value > 0) & (standard_deviation > 0) & (units >= 2)
    return np.where(known, effect, np.nan)


def _angle(rate: np.ndarray) -> np.ndarray:
    """Return the variance-stabilising angle of a rate, NaN outside 0 to 1."""
    inside = (rate >= 0) & (rate <= 1)
    return 2 * np.arcsin(np.sqrt(np.where(inside, rate, np.nan)))
