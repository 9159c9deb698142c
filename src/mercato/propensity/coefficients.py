"""What each served model makes of each feature."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy import special

from mercato.propensity.examples import Examples, read_examples
from mercato.propensity.folds import (
    SERVED_ROLES,
    calibrating_examples,
    folds_of,
    models_of,
)
from mercato.propensity.models import PropensityModel
from mercato.threads import one_thread

COEFFICIENTS_SCHEMA = pa.schema(
    [
        ("method", pa.string()),
        ("feature_name", pa.string()),
        ("coefficient", pa.float64()),
        ("missing_coefficient", pa.float64()),
        ("importance", pa.float64()),
        ("status", pa.string()),
    ]
)
_SHUFFLES = 5
_DECIMALS = 9


def propensity_coefficients(
    features: pa.Table,
    calendar: pa.Table,
    states: pa.Table,
    *,
    seed: int = 0,
    max_fit_rows: int = 50_000,
) -> pa.Table:
    """Return coefficients and importances of the models of the serving snapshot.

    The arguments are those of judged_propensities. A coefficient is what a standard
    deviation of the feature's signed logarithm does to the calibrated log-odds, or of
    its being missing; there are none of trees and naive Bayes. An importance is by how
    much the log loss on the calibrating examples rises where the feature is shuffled
    among them (Breiman 2001), the mean of five times.

    The result is of COEFFICIENTS_SCHEMA, sorted by method and feature; the numbers are
    null unless status is 'ok'.
    """
    examples = read_examples(features)
    tables = [COEFFICIENTS_SCHEMA.empty_table()]
    with one_thread():
        tables += [
            _of_model(*named, calibrating_examples(examples, fold.over), seed)
            for fold in folds_of(calendar, SERVED_ROLES)
            for named in models_of(
                fold, examples, states, seed=seed, max_fit_rows=max_fit_rows
            )
        ]
    return pa.concat_tables(tables)


def _of_model(
    method: str,
    model: PropensityModel | None,
    status: str,
    measured: Examples,
    seed: int,
) -> pa.Table:
    rows = [
        {"method": method, "feature_name": name, "status": status}
        for name in measured.names
    ]
    if model is not None:
        for row, importance in zip(
            rows, importances(model, measured, seed), strict=True
        ):
            row["importance"] = round(float(importance), _DECIMALS)
        coefficients = model.coefficients()
        if coefficients is not None:
            for row, value, miss in zip(rows, *coefficients, strict=True):
                row["coefficient"] = round(float(value), _DECIMALS)
                row["missing_coefficient"] = round(float(miss), _DECIMALS)
    found = pa.Table.from_pylist(rows, COEFFICIENTS_SCHEMA)
    return found.sort_by("feature_name")


def importances(model: PropensityModel, measured: Examples, seed: int) -> np.ndarray:
    """Return the permutation importance of each feature, (f,), in log loss."""
    width, count = len(measured.names), len(measured.target)
    if count == 0:
        return np.zeros(width)
    chance = np.random.default_rng(seed)
    orders = np.concatenate([chance.permutation(count) for _ in range(_SHUFFLES)])
    # All shuffles of a feature in one question.
    features = np.tile(measured.features, (_SHUFFLES, 1))
    target = np.tile(measured.target, _SHUFFLES)
    unshuffled = _log_loss(model, measured.features, measured.target)
    found = np.zeros(width)
    for feature in range(width):
        own = features[:, feature].copy()
        features[:, feature] = measured.features[orders, feature]
        found[feature] = _log_loss(model, features, target) - unshuffled
        features[:, feature] = own
    return found


def _log_loss(
    model: PropensityModel, features: np.ndarray, target: np.ndarray
) -> float:
    chances = model.predict(features)
    return float(
        -np.mean(special.xlogy(target, chances) + special.xlog1py(1 - target, -chances))
    )
