"""Probabilities that come true: log-odds stretched and shifted (Platt 1999)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

# No customer is certain: the log loss of a surprise stays finite.
_CLOSEST = 1e-6
_DECIMALS = 12
_MAX_STEPS = 100
_ENOUGH = 1e-10


class Calibration(NamedTuple):
    """Calibrated log-odds are slope times log-odds plus intercept."""

    slope: float
    intercept: float


IDENTITY = Calibration(1.0, 0.0)


def fit_calibration(log_odds: np.ndarray, target: np.ndarray) -> Calibration:
    """Fit slope and intercept to log-odds (n,) and what came, 0 or 1 (n,).

    The most likely ones under a normal prior of variance 1 around the identity, which
    stays where there is nothing to learn from and keeps both finite where the classes
    are separated or there is one only. A slope below 0 is 0: a calibration turns no
    order around.
    """
    ones = np.ones(len(target))
    slope, intercept = _most_likely(np.column_stack([log_odds, ones]), target)
    if slope < 0:
        [intercept] = _most_likely(ones[:, None], target)
        return Calibration(0.0, float(intercept))
    return Calibration(float(slope), float(intercept))


def probabilities(log_odds: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return the calibrated probabilities (n,), rounded, of log-odds (n,).

    >>> probabilities(np.array([0.0, 99.0]), IDENTITY)
    array([0.5     , 0.999999])
    """
    found = special.expit(calibration.slope * log_odds + calibration.intercept)
    return np.clip(np.round(found, _DECIMALS), _CLOSEST, 1 - _CLOSEST)


def _most_likely(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Maximise the posterior by Newton's method, halving steps that lead down."""
    prior = np.eye(columns.shape[1])[0] if columns.shape[1] > 1 else np.zeros(1)

    def objective(place: np.ndarray) -> float:
        scores = columns @ place
        likelihood = target @ scores - np.logaddexp(0, scores).sum()
        return likelihood - ((place - prior) ** 2).sum() / 2

    place, value = prior, objective(prior)
    for _ in range(_MAX_STEPS):
        chances = special.expit(columns @ place)
        gradient = columns.T @ (target - chances) - (place - prior)
        weighted = columns * (chances * (1 - chances))[:, None]
        step = np.linalg.solve(columns.T @ weighted + np.eye(len(place)), gradient)
        if np.abs(step).max() < _ENOUGH:
            break
        while (found := objective(place + step)) < value and np.abs(step).max() > 0:
            step = step / 2
        place, value = place + step, found
    return place
