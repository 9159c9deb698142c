"""Classifiers of standardised designs, by scikit-learn, each as a score of log-odds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import special

# Trees say 0 and 1 of leaves without a surprise; no leaf is that sure.
_CLOSEST = 1e-3
_MAX_ITERATIONS = 500


class Classifier(NamedTuple):
    """A fitted classifier.

    log_odds takes a design (n, d) and returns (n,), before any calibration;
    coefficients (d,) are there where it is linear, and log_odds is their sum and a
    constant.
    """

    log_odds: Callable[[np.ndarray], np.ndarray]
    coefficients: np.ndarray | None = None
    has_converged: bool = True


def linear(coefficients: np.ndarray, intercept: float) -> Classifier:
    """Return the classifier whose log-odds are linear."""
    return Classifier(lambda design: design @ coefficients + intercept, coefficients)


def logistic_regression(
    design: np.ndarray, target: np.ndarray, seed: int
) -> Classifier:
    """Logistic regression with a normal prior of variance 1 on each coefficient."""
    from sklearn.linear_model import LogisticRegression

    return _linear(LogisticRegression(C=1.0, max_iter=_MAX_ITERATIONS), design, target)


def support_vector_machine(
    design: np.ndarray, target: np.ndarray, seed: int
) -> Classifier:
    """Linear support vectors with squared hinge loss; scores are margins."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=0.01, dual=False, max_iter=_MAX_ITERATIONS, random_state=seed)
    return _linear(model, design, target)


def naive_bayes(design: np.ndarray, target: np.ndarray, seed: int) -> Classifier:
    """Compare normal distributions of the classes, feature by feature."""
    from sklearn.naive_bayes import GaussianNB

    model = GaussianNB(var_smoothing=0.1).fit(design, target)

    def log_odds(design: np.ndarray) -> np.ndarray:
        none, one = model.predict_joint_log_proba(design).T
        return one - none

    return Classifier(log_odds)


def decision_tree(design: np.ndarray, target: np.ndarray, seed: int) -> Classifier:
    """One tree of at most 32 leaves, each of 20 examples and more."""
    from sklearn.tree import DecisionTreeClassifier

    model = DecisionTreeClassifier(
        max_depth=5, min_samples_leaf=20, random_state=seed
    ).fit(design, target)
    return Classifier(lambda design: _log_odds_of_leaves(model, design))


def random_forest(design: np.ndarray, target: np.ndarray, seed: int) -> Classifier:
    """Average 50 trees on bootstrap samples, with leaves of 10 examples and more."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        n_estimators=50, min_samples_leaf=10, random_state=seed
    ).fit(design, target)
    return Classifier(lambda design: _log_odds_of_leaves(model, design))


def gradient_boosting(design: np.ndarray, target: np.ndarray, seed: int) -> Classifier:
    """60 small trees, each fitted to what those before it left, on binned features."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.08,
        max_leaf_nodes=15,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    ).fit(design, target)
    return Classifier(model.decision_function)


CLASSIFIERS = {
    fit.__name__: fit
    for fit in (
        decision_tree,
        gradient_boosting,
        logistic_regression,
        naive_bayes,
        random_forest,
        support_vector_machine,
    )
}


def _linear(model: Any, design: np.ndarray, target: np.ndarray) -> Classifier:
    # Told by has_converged.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(design, target)
    found = linear(model.coef_.ravel(), float(model.intercept_[0]))
    return found._replace(has_converged=int(np.max(model.n_iter_)) < _MAX_ITERATIONS)


def _log_odds_of_leaves(model: Any, design: np.ndarray) -> np.ndarray:
    chances = model.predict_proba(design)[:, 1]
    return special.logit(np.clip(chances, _CLOSEST, 1 - _CLOSEST))
