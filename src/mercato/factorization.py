"""Recommendations from a truncated singular value decomposition (PureSVD, EigenRec)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.linalg
import scipy.sparse
from threadpoolctl import threadpool_limits

from mercato.topn import top_n_products

SCORE_DECIMALS = 6
# Candidates beyond top_n that are scored again in float64, so that float32 rounding
# near the cut does not decide who is in.
SPARE_CANDIDATES = 8
# Singular values below this share of the largest are numerically zero: they are square
# roots of eigenvalues, which are known to about 1e-16 of the largest.
RANK_TOLERANCE = 1e-6
# Up to this side a dense eigen decomposition is fast and needs no iteration.
DENSE_SIDE = 500
BLOCK_CUSTOMERS = 8192

INTERACTIONS_SCHEMA = pa.schema(
    [
        ("window_name", pa.string()),
        ("customer_index", pa.int64()),
        ("product_index", pa.int64()),
        ("weight", pa.float64()),
        ("is_owned", pa.bool_()),
    ]
)
TARGETS_SCHEMA = pa.schema(INTERACTIONS_SCHEMA.field(index) for index in (0, 1))
RECOMMENDATIONS_SCHEMA = pa.schema(
    [
        ("window_name", pa.string()),
        ("customer_index", pa.int64()),
        ("product_index", pa.int64()),
        ("recommendation_rank", pa.int32()),
        ("score", pa.float64()),
    ]
)


class Factors(NamedTuple):
    """A truncated decomposition: matrix ~ customers @ diag(values) @ products.T.

    customers: (n_customers, f) and products: (n_products, f), orthonormal columns;
    singular_values: (f,), descending and above 0.
    """

    customers: np.ndarray
    singular_values: np.ndarray
    products: np.ndarray


def truncated_svd(
    matrix: scipy.sparse.csr_matrix, factors: int, *, seed: int = 0
) -> Factors:
    """Decompose a sparse matrix into its largest singular values and their vectors.

    Gives as many as factors asks for, fewer where the rank is lower, from the
    eigenvectors of the smaller of A^T A and A A^T: dense up to a side of 500, else by
    the implicitly restarted Lanczos method started from the seed. The largest entry of
    each product vector is positive. Raises ValueError where factors is below 1.

    >>> truncated_svd(scipy.sparse.diags_array([3.0, 4.0]), 1).products.tolist()
    [[0.0], [1.0]]
    """
    if factors < 1:
        raise ValueError(f"factors == {factors}, must be >= 1.")
    matrix = scipy.sparse.csr_matrix(matrix, dtype=np.float64)
    values, products = _product_vectors(matrix, factors, seed)
    with threadpool_limits(1):
        return Factors(matrix @ products / values, values, products)


def _product_vectors(
    matrix: scipy.sparse.csr_matrix, factors: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the leading singular values and right singular vectors."""
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
    across = tall.T.tocsr()
    if side <= max(DENSE_SIDE, 2 * count):
        return scipy.linalg.eigh((across @ tall).toarray())
    operator = scipy.sparse.linalg.LinearOperator(
        (side, side), matvec=lambda vector: across @ (tall @ vector), dtype=np.float64
    )
    start = np.random.default_rng(seed).standard_normal(side)
    return scipy.sparse.linalg.eigsh(operator, k=count, v0=start, rng=seed)


def recommend_svd(
    interactions: pa.Table,
    targets: pa.Table | None = None,
    *,
    factors: int = 64,
    top_n: int = 10,
    seed: int = 0,
    log_weights: bool = True,
    product_scaling: float = 0.6,
) -> pa.Table:
    """Recommend to each customer the new products that a low-rank model scores highest.

    interactions has one row per window_name, customer_index and product_index with
    weight > 0 (any unit) and is_owned: what a customer owns is not recommended, what
    the customer only showed interest in may be. Each window is fitted by itself on all
    its customers; targets, one row per window_name and customer_index, names those to
    recommend to, by default everybody. With R the matrix of weights
    (of ln(1 + weight) where log_weights), the scores are R Q Q^T, Q being the leading
    right singular vectors of R with each product's column scaled by its norm to the
    power product_scaling - 1. At 1 that is PureSVD (Cremonesi, Koren and Turrin 2010,
    section 3.3); smaller values give popular products less room (EigenRec,
    Nikolakopoulos, Kalantzis, Gallopoulos and Garofalakis 2019).

    Scores are rounded to 6 decimals, ties rank by lower product index. A customer gets
    fewer than top_n products where fewer are new and score above 0. Sorted by window,
    customer and rank; more factors than the rank of the matrix change nothing.

    Raises ValueError where factors or top_n is below 1, product_scaling is not between
    0 and 1, a value is null, an index negative, a weight not finite and above 0, or a
    row is there twice.
    """
    for name, value in (("factors", factors), ("top_n", top_n)):
        if value < 1:
            raise ValueError(f"{name} == {value}, must be >= 1.")
    if not 0 <= product_scaling <= 1:
        raise ValueError(
            f"product_scaling == {product_scaling}, must be >= 0 and <= 1."
        )
    rows = _checked(interactions)
    # Freed here unless the caller holds on to it: it may be as large as all the rest.
    del interactions
    wanted = rows if targets is None else targets
    wanted = wanted.select(TARGETS_SCHEMA.names).cast(TARGETS_SCHEMA)
    parts = [RECOMMENDATIONS_SCHEMA.empty_table()]
    start = 0
    for counted in rows["window_name"].value_counts().to_pylist():
        window, count = counted["values"], counted["counts"]
        of_window, start = rows.slice(start, count), start + count
        customers, products, matrix, owned = _matrices(of_window, log_weights)
        norms = scipy.sparse.linalg.norm(matrix, axis=0)
        scaled = matrix @ scipy.sparse.diags_array(norms ** (product_scaling - 1))
        _, vectors = _product_vectors(scaled, factors, seed)
        is_of_window = pc.equal(wanted["window_name"], window)
        of_targets = wanted["customer_index"].filter(is_of_window).to_numpy()
        asked = np.flatnonzero(np.isin(customers, of_targets))
        row, column, rank, score = _best_new(
            matrix[asked], owned[asked], vectors, top_n
        )
        row = asked[row]
        names = pa.repeat(pa.scalar(window, pa.string()), len(row))
        columns = [names, customers[row], products[column], rank, score]
        parts.append(pa.table(columns, schema=RECOMMENDATIONS_SCHEMA))
    return pa.concat_tables(parts)


def _checked(interactions: pa.Table) -> pa.Table:
    """Cast and sort the interactions; refuse rows that make no matrix."""
    rows = interactions.select(INTERACTIONS_SCHEMA.names).cast(INTERACTIONS_SCHEMA)
    keys = INTERACTIONS_SCHEMA.names[:3]
    rows = rows.sort_by([(name, "ascending") for name in keys]).combine_chunks()
    for name in INTERACTIONS_SCHEMA.names:
        if rows[name].null_count:
            raise ValueError(f"{name} has {rows[name].null_count} nulls, must be 0.")
    for name in keys[1:]:
        _refuse(rows, name, rows[name].to_numpy() < 0, ">= 0")
    weight = rows["weight"].to_numpy()
    _refuse(rows, "weight", ~(np.isfinite(weight) & (weight > 0)), "finite and > 0")
    windows = rows["window_name"].combine_chunks().dictionary_encode().indices
    same = np.diff(windows.to_numpy()) == 0
    for name in keys[1:]:
        same &= np.diff(rows[name].to_numpy()) == 0
    _refuse(rows, keys[-1], np.concatenate((same, [False]))[: len(weight)], "unique")
    return rows


def _refuse(rows: pa.Table, name: str, bad: np.ndarray, bound: str) -> None:
    """Raise for the first bad row, naming it by its keys."""
    if bad.any():
        row = rows.slice(int(np.argmax(bad)), 1).to_pylist()[0]
        raise ValueError(
            f"{name} == {row[name]!r} (window_name {row['window_name']!r}, "
            f"customer_index {row['customer_index']}, "
            f"product_index {row['product_index']}), must be {bound}."
        )


def _matrices(
    rows: pa.Table, log_weights: bool
) -> tuple[np.ndarray, np.ndarray, scipy.sparse.csr_matrix, scipy.sparse.csr_matrix]:
    """Lay out one window: its customers, its products, weights and what is owned."""
    customers, row = np.unique(rows["customer_index"].to_numpy(), return_inverse=True)
    products, column = np.unique(rows["product_index"].to_numpy(), return_inverse=True)
    weight = rows["weight"].to_numpy()
    if log_weights:
        weight = np.log1p(weight)
    shape = (len(customers), len(products))
    weights = scipy.sparse.csr_matrix((weight, (row, column)), shape)
    is_owned = rows["is_owned"].to_numpy()
    places = (row[is_owned], column[is_owned])
    owned = scipy.sparse.csr_matrix((weight[is_owned], places), shape)
    return customers, products, weights, owned


def _best_new(
    weights: scipy.sparse.csr_matrix,
    owned: scipy.sparse.csr_matrix,
    product_factors: np.ndarray,
    top_n: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Find row, column, rank and score of the best products that are not owned."""
    customer_factors = weights @ product_factors
    spare = top_n + SPARE_CANDIDATES
    found = top_n_products(customer_factors, product_factors, owned, n=spare).indices
    scores = np.full(found.shape, -np.inf)
    for start in range(0, len(found), BLOCK_CUSTOMERS):
        block = slice(start, start + BLOCK_CUSTOMERS)
        candidates = product_factors[found[block]]
        scores[block] = np.einsum("uf,unf->un", customer_factors[block], candidates)
    scores = np.where(found < 0, -np.inf, np.round(scores, SCORE_DECIMALS))
    order = np.lexsort((found, -scores), axis=1)[:, :top_n]
    found = np.take_along_axis(found, order, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    row, place = np.nonzero(scores > 0)
    return row, found[row, place], place + 1, scores[row, place]
