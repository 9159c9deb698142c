"""Intervals of what a fitted model predicts, from how sure its parameters are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from mercato.lifetime.maximum_likelihood import Fit

INTERVAL_LEVEL = 0.95
_STEP = 1e-4


def log_variance(predict: Callable[[np.ndarray], np.ndarray], fit: Fit) -> np.ndarray:
    """Return the variance of a transformed prediction by the delta method.

    predict takes parameters (p,) and returns an array of any shape, such as logarithms
    of what is expected; so does this. With g the gradient by the logarithms of the
    parameters (central differences) and C their covariance it is g' C g, NaN where the
    prediction is not finite.
    """
    # C = F F', so that the variance is the sum of the squares of F' g.
    values, vectors = np.linalg.eigh(fit.log_covariance)
    factor = vectors * np.sqrt(np.maximum(values, 0))
    variance = 0.0
    for direction in factor.T:
        length = np.linalg.norm(direction)
        if length == 0:
            continue
        step = _STEP * direction / length
        with np.errstate(invalid="ignore"):
            change = predict(fit.parameters * np.exp(step)) - predict(
                fit.parameters * np.exp(-step)
            )
        variance = variance + (change / (2 * _STEP) * length) ** 2
    return variance


def around_positive(
    value: np.ndarray, variance: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds of values of at least 0 whose logarithm has this variance."""
    reach = np.exp(special.ndtri((1 + level) / 2) * np.sqrt(variance))
    is_zero = value == 0
    return np.where(is_zero, 0.0, value / reach), np.where(is_zero, 0.0, value * reach)


def around_probability(
    value: np.ndarray, variance: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return bounds of probabilities whose log-odds have this variance."""
    reach = special.ndtri((1 + level) / 2) * np.sqrt(variance)
    is_sure = (value == 0) | (value == 1)
    odds = special.logit(np.where(is_sure, 0.5, value))
    return tuple(
        np.where(is_sure, value, special.expit(odds + way * reach)) for way in (-1, 1)
    )
