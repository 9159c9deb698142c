"""Recommendations from a truncated singular value decomposition (PureSVD)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import scipy.sparse
from threadpoolctl import threadpool_limits

from mercato.topn import top_n_products

SCORE_DECIMALS = 6
# Candidates beyond top_n that are scored again in float64, so that float32 rounding
# near the cut cannot change who is in.
SPARE_CANDIDATES = 8
# Singular values below this share of the largest are numerically zero.
RANK_TOLERANCE = 1e-7

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
    matrix: scipy.sparse.csr_matrix, factors: int, *, seed: int
) -> Factors:
    """Decompose a sparse matrix into its largest singular values and vectors.

    At most factors of them, fewer where the rank is lower. The largest entry of each
    product vector is positive, which fixes the signs.
    """
    if factors < 1:
        raise ValueError(f"factors == {factors}, must be >= 1.")
    matrix = matrix.astype(np.float64)
    smaller = min(matrix.shape)
    if smaller == 0 or matrix.nnz == 0:
        empty = [np.zeros((length, 0)) for length in matrix.shape]
        return Factors(empty[0], np.zeros(0), empty[1])
    with threadpool_limits(1):
        if factors < smaller // 2:
            start = np.random.default_rng(seed).standard_normal(smaller)
            left, values, right = scipy.sparse.linalg.svds(
                matrix, k=factors, v0=start, solver="arpack"
            )
        else:
            left, values, right = np.linalg.svd(matrix.toarray(), full_matrices=False)
    order = np.argsort(-values, kind="stable")[:factors]
    order = order[values[order] > RANK_TOLERANCE * values.max()]
    left, values, right = left[:, order], values[order], right[order].T
    largest = np.argmax(np.abs(right), axis=0)
    signs = np.sign(right[largest, np.arange(len(values))])
    return Factors(left * signs, values, right * signs)


def recommend_svd(
    interactions: pa.Table,
    *,
    factors: int = 64,
    top_n: int = 10,
    seed: int = 0,
) -> pa.Table:
    """Recommend to each customer the products that a low-rank model scores highest.

    interactions has window_name, customer_index, product_index and weight > 0, one row
    per window, customer and product. Each window is fitted by itself. PureSVD
    (Cremonesi, Koren and Turrin 2010): with Q the leading right singular vectors of the
    weight matrix R, the scores are R Q Q^T.
    """
    if top_n < 1:
        raise ValueError(f"top_n == {top_n}, must be >= 1.")
    parts = [RECOMMENDATIONS_SCHEMA.empty_table()]
    for window in sorted(interactions["window_name"].unique().to_pylist()):
        rows = interactions.filter(pc.equal(interactions["window_name"], window))
        parts.append(_recommend_window(window, rows, factors, top_n, seed))
    return pa.concat_tables(parts)


def _recommend_window(
    window: str, rows: pa.Table, factors: int, top_n: int, seed: int
) -> pa.Table:
    customers, customer = np.unique(
        rows["customer_index"].to_numpy(), return_inverse=True
    )
    products, product = np.unique(rows["product_index"].to_numpy(), return_inverse=True)
    weight = rows["weight"].cast(pa.float64()).to_numpy()
    shape = (len(customers), len(products))
    matrix = scipy.sparse.csr_matrix((np.log1p(weight), (customer, product)), shape)
    matrix.sort_indices()
    model = truncated_svd(matrix, factors, seed=seed)
    customer_factors = matrix @ model.products
    found = top_n_products(
        customer_factors, model.products, matrix, n=top_n + SPARE_CANDIDATES
    ).indices
    row, place = np.nonzero(found >= 0)
    column = found[row, place]
    score = np.einsum("ij,ij->i", customer_factors[row], model.products[column])
    score = np.round(score, SCORE_DECIMALS)
    order = np.lexsort((column, -score, row))
    order = order[score[order] > 0]
    row, column, score = row[order], column[order], score[order]
    rank = np.arange(len(row)) - np.searchsorted(row, row) + 1
    kept = rank <= top_n
    return pa.table(
        [
            pa.repeat(window, int(kept.sum())),
            customers[row[kept]],
            products[column[kept]],
            rank[kept],
            score[kept],
        ],
        schema=RECOMMENDATIONS_SCHEMA,
    )
