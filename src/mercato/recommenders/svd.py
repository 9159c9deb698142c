"""Recommendations from a truncated singular value decomposition (PureSVD, EigenRec)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from threadpoolctl import threadpool_limits

from mercato.recommenders.interactions import UserItems
from mercato.recommenders.scoring import from_factors

# Singular values below this share of the largest are numerically zero: they are square
# roots of eigenvalues, which are known to about 1e-16 of the largest.
RANK_TOLERANCE = 1e-6
# Up to this side a dense eigen decomposition is fast and needs no iteration.
DENSE_SIDE = 500


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    factors: int = 64,
    product_scaling: float = 0.6,
) -> pa.Table:
    """Recommend to each customer the new products that a low-rank model scores highest.

    With R the matrix of weights, the scores are R Q Q^T, Q being the leading right
    singular vectors of R with each product's column scaled by its norm to the power
    product_scaling - 1. At 1 that is PureSVD (Cremonesi, Koren and Turrin 2010, section
    3.3); smaller values give popular products less room (EigenRec, Nikolakopoulos,
    Kalantzis, Gallopoulos and Garofalakis 2019).

    Only scores above 0 are kept. More factors than the rank of the matrix change
    nothing. Returns RECOMMENDATIONS_SCHEMA. Raises ValueError where factors or top_n is
    below 1 or product_scaling is not between 0 and 1.
    """
    if not 0 <= product_scaling <= 1:
        raise ValueError(
            f"product_scaling == {product_scaling}, must be >= 0 and <= 1."
        )
    scaled = _scaled(items.weights, product_scaling)
    _, vectors = singular_vectors(scaled, factors, seed=seed)
    # Freed before scoring: it is as large as the weights.
    del scaled
    everybody = len(items.asked) == len(items.customers)
    weights = items.weights if everybody else items.weights[items.asked]
    return from_factors(items, weights @ vectors, vectors, top_n=top_n, above=0.0)


def singular_vectors(
    matrix: scipy.sparse.csr_matrix, factors: int, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Find the largest singular values of a sparse matrix and their right vectors.

    Returns (f,) values, descending and above 0, and (columns, f) orthonormal vectors;
    f is factors, or the rank where that is lower. They come from the eigenvectors of
    the smaller of A^T A and A A^T: dense up to a side of 500, else by the implicitly
    restarted Lanczos method started from the seed. The largest entry of each vector is
    positive. Raises ValueError where factors is below 1.

    >>> singular_vectors(scipy.sparse.diags_array([3.0, 4.0]), 1)[1].tolist()
    [[0.0], [1.0]]
    """
    if factors < 1:
        raise ValueError(f"factors == {factors}, must be >= 1.")
    matrix = scipy.sparse.csr_matrix(matrix, dtype=np.float64)
    is_wide = matrix.shape[0] < matrix.shape[1]
    tall = matrix.T.tocsr() if is_wide else matrix
    # One thread: sums then have one order, whatever the machine.
    with threadpool_limits(1):
        eigenvalues, vectors = _gram_eigenvectors(tall, factors, seed)
        order = np.argsort(-eigenvalues, kind="stable")[:factors]
        values = np.sqrt(np.maximum(eigenvalues[order], 0))
        order = order[values > RANK_TOLERANCE * values.max(initial=0)]
        values, vectors = values[: len(order)], vectors[:, order]
        products = tall @ vectors / values if is_wide else vectors
    if products.size:
        largest = np.argmax(np.abs(products), axis=0)
        products = products * np.sign(products[largest, np.arange(len(values))])
    return values, products


def _gram_eigenvectors(
    tall: scipy.sparse.csr_matrix, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the leading count, or all, of the eigenvectors of tall.T @ tall."""
    side = tall.shape[1]
    # By columns, in the same memory: a copy would be as large as the matrix.
    across = tall.T
    if side <= max(DENSE_SIDE, 2 * count):
        return scipy.linalg.eigh((across @ tall).toarray())
    operator = scipy.sparse.linalg.LinearOperator(
        (side, side), matvec=lambda vector: across @ (tall @ vector), dtype=np.float64
    )
    start = np.random.default_rng(seed).standard_normal(side)
    return scipy.sparse.linalg.eigsh(operator, k=count, v0=start, rng=seed)


def _scaled(
    weights: scipy.sparse.csr_matrix, product_scaling: float
) -> scipy.sparse.csr_matrix:
    """Scale each column by its norm to the power product_scaling - 1."""
    squares = np.bincount(
        weights.indices, weights=weights.data**2, minlength=weights.shape[1]
    )
    scales = np.sqrt(squares) ** (product_scaling - 1)
    values = weights.data * scales[weights.indices]
    return scipy.sparse.csr_matrix(
        (values, weights.indices, weights.indptr), weights.shape
    )
