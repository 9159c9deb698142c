"""The same recommenders by other means: dense formulas, scikit-learn and implicit.

Each takes the sparse matrix of weights of all customers and the settings of ours, and
returns a dense array of scores, so that nothing of mercato is in them.
"""

from typing import Any

import numpy as np
import scipy.sparse


def ease(weights: scipy.sparse.csr_matrix, *, l2: float, **_: Any) -> np.ndarray:
    """Steck 2019, figure 1, by NumPy's dense inverse."""
    gram = (weights.T @ weights).toarray()
    inverse = np.linalg.inv(gram + l2 * np.eye(len(gram)))
    coefficients = -inverse / np.diag(inverse)
    np.fill_diagonal(coefficients, 0)
    return weights @ coefficients


def item_knn(
    weights: scipy.sparse.csr_matrix, *, neighbours: int, shrinkage: float, **_: Any
) -> np.ndarray:
    """Shrunk cosines of scikit-learn; a product is scored by its own neighbours."""
    from sklearn.metrics.pairwise import cosine_similarity

    pattern = (weights > 0).astype(float)
    common = (pattern.T @ pattern).toarray()
    similarity = cosine_similarity(weights.T) * common / (common + shrinkage + 1e-12)
    np.fill_diagonal(similarity, 0)
    similarity = np.round(similarity, 8)
    if neighbours < len(similarity):
        order = np.argsort(-similarity, axis=1, kind="stable")[:, neighbours:]
        np.put_along_axis(similarity, order, 0, axis=1)
    return weights @ similarity.T


def svd(
    weights: scipy.sparse.csr_matrix, *, factors: int, product_scaling: float, **_: Any
) -> np.ndarray:
    """PureSVD and EigenRec by NumPy's dense decomposition."""
    dense = weights.toarray()
    norms = np.linalg.norm(dense, axis=0)
    scale = np.where(norms > 0, norms, 1) ** (product_scaling - 1)
    right = np.linalg.svd(dense * scale, full_matrices=False)[2][:factors]
    return dense @ right.T @ right


def als(
    weights: scipy.sparse.csr_matrix,
    *,
    factors: int,
    regularization: float,
    alpha: float,
    iterations: int,
    seed: int = 0,
    **_: Any,
) -> np.ndarray:
    """Implicit's AlternatingLeastSquares, solved by Cholesky, from the same start.

    Another start ends in another minimum: NDCG then differs in the second decimal.
    """
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=factors,
        regularization=regularization,
        alpha=1.0,
        iterations=iterations,
        use_cg=False,
        dtype=np.float64,
        num_threads=1,
    )
    # implicit takes what it is given for the confidence: 1 + alpha w.
    confidence = scipy.sparse.csr_matrix(weights, copy=True)
    confidence.data = 1 + alpha * confidence.data
    start = np.random.default_rng(seed).standard_normal((weights.shape[1], factors))
    model.item_factors = start / np.sqrt(factors)
    model.user_factors = np.zeros((weights.shape[0], factors))
    model.fit(confidence, show_progress=False)
    # Customers were solved before products; solved once more, all are up to date.
    customers = model.recalculate_user(np.arange(len(model.user_factors)), confidence)
    return customers @ model.item_factors.T


REFERENCES = {"als": als, "ease": ease, "item_knn": item_knn, "svd": svd}
