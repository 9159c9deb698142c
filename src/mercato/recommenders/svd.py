"""Recommendations from a truncated singular value decomposition (PureSVD, EigenRec)."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from threadpoolctl import threadpool_limits

from mercato.recommenders.catalogue import ProductFactors, on_products
from mercato.recommenders.gram import Gram
from mercato.recommenders.interactions import UserItems, asked_rows
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
    model = fit(items, seed=seed, factors=factors, product_scaling=product_scaling)
    return suggest(items, model, top_n=top_n)


def fit(
    items: UserItems, *, seed: int, factors: int, product_scaling: float
) -> ProductFactors:
    """Find the singular vectors by which `recommend` scores."""
    _check_scaling(product_scaling)
    squares = np.bincount(
        items.weights.indices,
        weights=items.weights.data**2,
        minlength=items.weights.shape[1],
    )
    scales = _scales(squares, product_scaling)
    values = items.weights.data * scales[items.weights.indices]
    scaled = scipy.sparse.csr_matrix(
        (values, items.weights.indices, items.weights.indptr), items.weights.shape
    )
    _, vectors = singular_vectors(scaled, factors, seed=seed)
    return ProductFactors(items.products, vectors)


def fit_gram(
    gram: Gram, *, seed: int, factors: int, product_scaling: float
) -> ProductFactors:
    """Find what `fit` finds, but for rounding, from the sums over all customers.

    The right singular vectors of a matrix are the eigenvectors of its Gram matrix.
    """
    _check_scaling(product_scaling)
    _check_factors(factors)
    scales = _scales(np.diagonal(gram.sums), product_scaling)
    scaled = scales[:, None] * gram.sums * scales
    # One thread: sums then have one order, whatever the machine.
    with threadpool_limits(1):
        if _is_dense(len(scaled), factors):
            found = scipy.linalg.eigh(scaled)
        else:
            found = _lanczos(scaled, factors, seed)
    return ProductFactors(gram.products, _signed(_leading(*found, factors)[1]))


def suggest(items: UserItems, model: ProductFactors, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    customers = asked_rows(items, items.weights) @ model.factors
    return from_factors(items, customers, model.factors, top_n=top_n, above=0.0)


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
    _check_factors(factors)
    matrix = scipy.sparse.csr_matrix(matrix, dtype=np.float64)
    is_wide = matrix.shape[0] < matrix.shape[1]
    tall = matrix.T.tocsr() if is_wide else matrix
    # One thread: sums then have one order, whatever the machine.
    with threadpool_limits(1):
        found = _gram_eigenvectors(tall, factors, seed)
        values, vectors = _leading(*found, factors)
        products = tall @ vectors / values if is_wide else vectors
    return values, _signed(products)


def _check_scaling(product_scaling: float) -> None:
    if not 0 <= product_scaling <= 1:
        raise ValueError(
            f"product_scaling == {product_scaling}, must be >= 0 and <= 1."
        )


def _check_factors(factors: int) -> None:
    if factors < 1:
        raise ValueError(f"factors == {factors}, must be >= 1.")


def _scales(squares: np.ndarray, product_scaling: float) -> np.ndarray:
    """Compute the norm of each column to the power product_scaling - 1."""
    return np.sqrt(squares) ** (product_scaling - 1)


def _leading(
    eigenvalues: np.ndarray, vectors: np.ndarray, factors: int
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the largest singular values above 0, descending, and their vectors."""
    order = np.argsort(-eigenvalues, kind="stable")[:factors]
    values = np.sqrt(np.maximum(eigenvalues[order], 0))
    order = order[values > RANK_TOLERANCE * values.max(initial=0)]
    return values[: len(order)], vectors[:, order]


def _signed(vectors: np.ndarray) -> np.ndarray:
    """Turn each vector so that its largest entry is positive."""
    if not vectors.size:
        return vectors
    largest = np.argmax(np.abs(vectors), axis=0)
    return vectors * np.sign(vectors[largest, np.arange(vectors.shape[1])])


def _is_dense(side: int, count: int) -> bool:
    return side <= max(DENSE_SIDE, 2 * count)


def _gram_eigenvectors(
    tall: scipy.sparse.csr_matrix, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the leading count, or all, of the eigenvectors of tall.T @ tall."""
    side = tall.shape[1]
    # By columns, in the same memory: a copy would be as large as the matrix.
    across = tall.T
    if _is_dense(side, count):
        return scipy.linalg.eigh((across @ tall).toarray())
    operator = scipy.sparse.linalg.LinearOperator(
        (side, side), matvec=lambda vector: across @ (tall @ vector), dtype=np.float64
    )
    return _lanczos(operator, count, seed)


def _lanczos(
    operator: scipy.sparse.linalg.LinearOperator | np.ndarray, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    start = np.random.default_rng(seed).standard_normal(operator.shape[0])
    return scipy.sparse.linalg.eigsh(operator, k=count, v0=start, rng=seed)
