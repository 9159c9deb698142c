"""A few components that say most of what many traits say."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.segmentation.points import (
    COORDINATE_DECIMALS,
    SCORE_DECIMALS,
    check_at_least,
    ordered,
)
from mercato.segmentation.traits import trait_matrix
from mercato.threads import one_thread

# As many columns as tables of positions have.
MAX_COMPONENTS = 6
# Below this share of the whole variance, a component is rounding.
_LEAST_RATIO = 1e-9

LOADINGS_SCHEMA = pa.schema(
    [
        ("component_method", pa.string()),
        ("component", pa.int64()),
        ("trait", pa.string()),
        ("weight", pa.float64()),
        ("trait_mean", pa.float64()),
        ("loading", pa.float64()),
        ("explained_variance", pa.float64()),
        ("explained_variance_ratio", pa.float64()),
        ("is_retained", pa.bool_()),
        ("is_converged", pa.bool_()),
    ]
)


class Components(NamedTuple):
    """c components of p traits; a score is weights (c, p) times (trait - means (p,)).

    loadings (c, p) are the correlations of scores and traits; variance (c,) is the
    variance of the traits that comes from each component, in the order of the
    components, falling; ratio (c,) is its share of the whole.
    """

    weights: np.ndarray
    means: np.ndarray
    loadings: np.ndarray
    variance: np.ndarray
    ratio: np.ndarray
    is_converged: bool = True


def principal_components(matrix: np.ndarray) -> Components:
    """Return all principal components of a matrix (n, p) that have variance.

    Weights have length 1 and variances divide by n - 1, as in scikit-learn. The largest
    loading of each component is positive, the first of them in a tie.
    """
    means = matrix.mean(axis=0) if len(matrix) else np.zeros(matrix.shape[1])
    _, singular, weights = np.linalg.svd(matrix - means, full_matrices=False)
    variance = singular**2 / max(len(matrix) - 1, 1)
    total = variance.sum()
    is_real = variance > total * _LEAST_RATIO
    weights, variance = weights[is_real], variance[is_real]
    covariances = weights * variance[:, None]
    signs = _signs(covariances)
    return Components(
        weights * signs,
        means,
        _correlations(covariances * signs, variance, matrix),
        variance,
        variance / total if total else variance,
    )


def independent_components(matrix: np.ndarray, count: int, seed: int) -> Components:
    """Return count independent components of a matrix (n, p), by FastICA.

    Hyvarinen (1999), with the log cosh contrast, on the count leading principal
    components. Scores have mean 0 and variance 1 and are not correlated. Components go
    by the variance that they explain, the sum of the squares of their column of the
    mixing matrix; signs are those of principal_components. Normal scores have no
    independent directions: the search may then end without is_converged.
    """
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    model = FastICA(count, whiten="unit-variance", max_iter=500, random_state=seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(matrix)
    mixing = model.mixing_.T
    variance = (mixing**2).sum(axis=1) * len(matrix) / (len(matrix) - 1)
    order = np.argsort(-np.round(variance, SCORE_DECIMALS), kind="stable")
    mixing, weights, variance = mixing[order], model.components_[order], variance[order]
    signs = _signs(mixing)
    return Components(
        weights * signs,
        model.mean_,
        _correlations(mixing * signs, np.ones(count), matrix, ddof=0),
        variance,
        variance / matrix.var(axis=0, ddof=1).sum(),
        not any(issubclass(item.category, ConvergenceWarning) for item in caught),
    )


def retained_count(ratio: np.ndarray, explained_share: float, limit: int) -> int:
    """Return how many components explain a share of the variance, at most limit.

    >>> retained_count(np.array([0.5, 0.25, 0.15, 0.1]), 0.7, limit=6)
    2
    """
    # What is short by rounding is not short.
    needed = np.searchsorted(np.cumsum(ratio), explained_share - 1e-9) + 1
    return int(min(needed, limit, len(ratio)))


def trait_positions(
    traits: pa.Table, explained_share: float, max_components: int
) -> np.ndarray:
    """Return the scores (n, c) of customers on the retained principal components.

    Arguments and errors are those of trait_components; rows are sorted by their scores,
    which are rounded to 6 decimals as in SQL.
    """
    check_shares(explained_share, max_components)
    _, matrix = trait_matrix(traits)
    matrix = ordered(matrix)
    with one_thread():
        found = principal_components(matrix)
        count = retained_count(found.ratio, explained_share, max_components)
        scores = (matrix - found.means) @ found.weights[:count].T
    return ordered(np.round(scores, COORDINATE_DECIMALS) + 0.0)


def trait_components(
    traits: pa.Table,
    *,
    explained_share: float = 0.7,
    max_components: int = MAX_COMPONENTS,
    seed: int = 0,
) -> pa.Table:
    """Return the principal and the independent components of customers' traits.

    traits has sample_index, trait and value, each trait of each customer once. The
    result is of LOADINGS_SCHEMA, one row per method (pca, ica), component (from 1) and
    trait, sorted: at most max_components of pca, of which those that together explain
    explained_share of the variance are retained, and as many of ica. What is repeated
    on the rows of a component: variance, ratio, and whether FastICA converged (null for
    pca). No variance gives no rows.

    Raises ValueError where explained_share is not above 0 and at most 1,
    max_components is not 1 to MAX_COMPONENTS, or a trait is missing.
    """
    check_shares(explained_share, max_components)
    names, matrix = trait_matrix(traits)
    matrix = ordered(matrix)
    with one_thread():
        pca = principal_components(matrix)
        retained = retained_count(pca.ratio, explained_share, max_components)
        tables = [LOADINGS_SCHEMA.empty_table()]
        if retained:
            ica = independent_components(matrix, retained, seed)
            tables.append(_loading_rows("ica", ica, names, retained, retained))
            shown = min(len(pca.ratio), max_components)
            tables.append(_loading_rows("pca", pca, names, shown, retained))
    return pa.concat_tables(tables)


def check_shares(explained_share: float, max_components: int) -> None:
    """Raise a ValueError unless both say how many components to retain."""
    if not 0 < explained_share <= 1:
        raise ValueError(f"explained_share == {explained_share}, must be > 0 and <= 1.")
    check_at_least("max_components", max_components, 1)
    if max_components > MAX_COMPONENTS:
        raise ValueError(
            f"max_components == {max_components}, must be <= {MAX_COMPONENTS}."
        )


def _signs(covariances: np.ndarray) -> np.ndarray:
    """Return the signs (c, 1) that make the largest entry of each row positive."""
    if covariances.size == 0:
        return np.ones((len(covariances), 1))
    sizes = np.round(np.abs(covariances), SCORE_DECIMALS)
    largest = covariances[np.arange(len(sizes)), sizes.argmax(axis=1)]
    return np.where(largest < 0, -1.0, 1.0)[:, None]


def _correlations(
    covariances: np.ndarray, variance: np.ndarray, matrix: np.ndarray, ddof: int = 1
) -> np.ndarray:
    """Divide covariances of scores and traits (c, p) by both standard deviations."""
    deviations = matrix.std(axis=0, ddof=ddof) if len(matrix) > 1 else np.ones(1)
    deviations = np.where(deviations > 0, deviations, 1)
    return covariances / np.sqrt(variance)[:, None] / deviations


def _loading_rows(
    method: str, found: Components, names: list[str], shown: int, retained: int
) -> pa.Table:
    count = len(names)
    numbers = np.repeat(np.arange(1, shown + 1), count)
    values = {
        "component_method": [method] * shown * count,
        "component": numbers,
        "trait": names * shown,
        "weight": found.weights[:shown].ravel(),
        "trait_mean": np.tile(found.means, shown),
        "loading": found.loadings[:shown].ravel(),
        "explained_variance": found.variance[numbers - 1],
        "explained_variance_ratio": found.ratio[numbers - 1],
        "is_retained": numbers <= retained,
        "is_converged": [found.is_converged if method == "ica" else None]
        * len(numbers),
    }
    arrays = []
    for field in LOADINGS_SCHEMA:
        column = values[field.name]
        if field.type == pa.float64():
            column = np.round(column, SCORE_DECIMALS) + 0.0
        arrays.append(pa.array(column, field.type))
    return pa.table(arrays, schema=LOADINGS_SCHEMA)
