"""A propensity model: features in, calibrated probabilities and reasons out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from mercato.propensity.calibration import (
    IDENTITY,
    Calibration,
    fit_calibration,
    probabilities,
)
from mercato.propensity.classifiers import CLASSIFIERS, Classifier
from mercato.propensity.scaling import Moments, design_of, moments_of, standardised

OK = "ok"
# Fewer of a class than this say nothing about it.
MIN_CLASS_EXAMPLES = 10
_BLOCK_ROWS = 100_000


@dataclass(frozen=True)
class PropensityModel:
    """A fitted and calibrated classifier of features (n, f)."""

    moments: Moments
    classifier: Classifier
    calibration: Calibration = IDENTITY

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Return the log-odds (n,) of features (n, f) before calibration."""
        found = [self.classifier.log_odds(block) for block in self._designs(features)]
        return np.concatenate([np.empty(0), *found])

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the calibrated probabilities (n,) of features (n, f)."""
        return probabilities(self.scores(features), self.calibration)

    def contributions(self, features: np.ndarray) -> np.ndarray:
        """Return what each feature does to the calibrated log-odds, (n, f).

        That is by how much they would be lower if the feature alone stood where it does
        on average: coefficient x (value - mean) of a linear model, and something that
        is in general not additive of any other.
        """
        found = [self._replaced(design) for design in self._designs(features)]
        return np.concatenate([np.empty((0, features.shape[1])), *found])

    def coefficients(self) -> np.ndarray | None:
        """Return calibrated coefficients (2, f), of values and misses, if linear."""
        if self.classifier.coefficients is None:
            return None
        return self.calibration.slope * self.classifier.coefficients.reshape(2, -1)

    def _designs(self, features: np.ndarray) -> Iterator[np.ndarray]:
        """Standardised designs of at most _BLOCK_ROWS rows each."""
        for start in range(0, len(features), _BLOCK_ROWS):
            block = features[start : start + _BLOCK_ROWS]
            yield standardised(design_of(block), self.moments)

    def _replaced(self, design: np.ndarray) -> np.ndarray:
        width = design.shape[1] // 2
        log_odds = self.classifier.log_odds(design)
        contributions = np.zeros((len(design), width))
        for feature in range(width):
            columns = [feature, width + feature]
            own = design[:, columns]
            if own.any():
                design[:, columns] = 0
                contributions[:, feature] = log_odds - self.classifier.log_odds(design)
                design[:, columns] = own
        return self.calibration.slope * contributions


def fit_model(
    method: str,
    learning: tuple[np.ndarray, np.ndarray],
    calibrating: tuple[np.ndarray, np.ndarray],
    seed: int = 0,
) -> tuple[PropensityModel | None, str]:
    """Fit a classifier to some examples and calibrate it on others.

    learning and calibrating are features (n, f), NaN where missing, and targets (n,)
    of 0 and 1. Forests depend on the order of the rows.

    Returns the model and 'ok', or None and why there is none: no examples, one class
    only, too few of a class, no feature varies or did not converge.

    Raises ValueError where the method is not one of CLASSIFIERS.
    """
    if method not in CLASSIFIERS:
        raise ValueError(f"method == {method!r}, must be one of {sorted(CLASSIFIERS)}.")
    features, target = learning
    design = design_of(features)
    moments = moments_of(design)
    status = obstacle(len(target), int(target.sum()), moments)
    if status != OK:
        return None, status
    classifier = CLASSIFIERS[method](standardised(design, moments), target, seed)
    if not classifier.has_converged:
        return None, "did not converge"
    model = PropensityModel(moments, classifier)
    calibration = fit_calibration(model.scores(calibrating[0]), calibrating[1])
    return replace(model, calibration=calibration), OK


def obstacle(example_count: int, purchase_count: int, moments: Moments) -> str:
    """Return what keeps a classifier from learning from such examples, or 'ok'."""
    smaller_class = min(purchase_count, example_count - purchase_count)
    if example_count == 0:
        return "no examples"
    if smaller_class == 0:
        return "one class only"
    if smaller_class < MIN_CLASS_EXAMPLES:
        return "too few of a class"
    if not moments.squares.any():
        return "no feature varies"
    return OK
