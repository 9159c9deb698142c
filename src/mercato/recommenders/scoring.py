"""From scores to the best new products of each customer, a block at a time.

What is returned is exact: the top_n largest scores, rounded to 6 decimals, of what a
customer does not own, ties by lower product index. A few spare candidates are found
first. Where those left out could still tie with one that is in, because the search was
in float32 or scores differ by rounding errors only, that customer is searched whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.recommenders.interactions import UserItems, asked_rows
from mercato.threads import available_threads, run_in_threads
from mercato.topn import exclude, top_n_columns, top_n_products

SCORE_DECIMALS = 6
SPARE_CANDIDATES = 8
# A million scores: at most 8 MB for each block in work.
BLOCK_SCORES = 2**20
# Numbers of candidates' factors gathered at a time: 2 MB, for a core's cache.
BLOCK_FACTORS = 2**18
# Bounds the sparse matrices of customers in work.
CHUNK_CUSTOMERS = 2**15

RECOMMENDATIONS_SCHEMA = pa.schema(
    [
        ("customer_index", pa.int64()),
        ("product_index", pa.int64()),
        ("recommendation_rank", pa.int32()),
        ("score", pa.float64()),
    ]
)


class _Best(NamedTuple):
    """The best columns of some rows, best first, -1 and -inf where there are fewer.

    is_settled is False where a column left out could rank among them.
    """

    columns: np.ndarray
    scores: np.ndarray
    is_settled: np.ndarray


def from_factors(
    items: UserItems,
    customer_factors: np.ndarray,
    product_factors: np.ndarray,
    *,
    top_n: int,
    above: float = -np.inf,
) -> pa.Table:
    """Recommend what has the largest inner products of customer and product factors.

    customer_factors is (len(items.asked), f), product_factors (n_products, f), searched
    in float32 and scored in float64. Only rounded scores greater than above are kept,
    and nothing that is owned. Returns RECOMMENDATIONS_SCHEMA, sorted by customer and
    rank. Raises ValueError where top_n is below 1, shapes disagree, or a factor is not
    finite or so large that a score would overflow float32.
    """
    _check_top_n(top_n)
    left = np.asarray(customer_factors, dtype=np.float64)
    right = np.asarray(product_factors, dtype=np.float64)
    _check_length("customer_factors", left, len(items.asked))
    _check_length("product_factors", right, len(items.products))
    owned = asked_rows(items, items.owned)
    spare = top_n + SPARE_CANDIDATES
    candidates = top_n_products(left, right, owned, n=spare).indices
    errors = _search_errors(left, right)
    columns, scores = _no_columns(len(left), top_n)
    size = max(BLOCK_FACTORS // (spare * max(right.shape[1], 1)), 8)

    def rank_block(start: int) -> None:
        block = slice(start, start + size)
        found = candidates[block]
        exact = np.einsum("uf,unf->un", left[block], right[found])
        exact[found < 0] = -np.inf
        best = _ranked(found, exact, top_n, above, errors[block])
        columns[block], scores[block] = best.columns, best.scores
        for rows in _split(start + np.flatnonzero(~best.is_settled), len(right)):
            whole = left[rows] @ right.T
            exclude(whole, owned[rows], slice(0, len(rows)))
            columns[rows], scores[rows] = _best_of_all(whole, top_n)

    run_in_threads(rank_block, range(0, len(left), size))
    return _table(items, columns, scores, above)


def from_blocks(
    items: UserItems,
    score_rows: Callable[[np.ndarray], np.ndarray],
    *,
    top_n: int,
    above: float = -np.inf,
) -> pa.Table:
    """Recommend what score_rows scores highest, some hundreds of customers at a time.

    score_rows gets row numbers, a part of items.asked, and returns their scores for all
    products: (len(rows), n_products), float32 or float64, -inf for what is no
    candidate. It is called from several threads, with BLAS held to one thread each, and
    must not depend on what else is in a block. Only rounded scores greater than above
    are kept, and nothing that is owned. Returns RECOMMENDATIONS_SCHEMA, sorted by
    customer and rank. Raises ValueError where top_n is below 1, a block has another
    shape or a score is infinite or not a number.
    """
    _check_top_n(top_n)
    n_products = len(items.products)
    columns, scores = _no_columns(len(items.asked), top_n)
    size = _rows_of_block(n_products)

    def score_block(start: int) -> None:
        rows = items.asked[start : start + size]
        block = np.array(score_rows(rows))
        if block.shape != (len(rows), n_products):
            raise ValueError(
                f"score_rows(rows).shape == {block.shape}, "
                f"must be == {(len(rows), n_products)}."
            )
        exclude(block, items.owned[rows], slice(0, len(rows)))
        found, values = top_n_columns(block, n=top_n + SPARE_CANDIDATES)
        best = _ranked(found, values.astype(np.float64), top_n, above)
        unsettled = np.flatnonzero(~best.is_settled)
        if len(unsettled):
            whole = block[unsettled].astype(np.float64)
            best.columns[unsettled], best.scores[unsettled] = _best_of_all(whole, top_n)
        columns[start : start + size] = best.columns
        scores[start : start + size] = best.scores

    run_in_threads(score_block, range(0, len(items.asked), size))
    return _table(items, columns, scores, above)


def from_products(
    items: UserItems,
    left_rows: Callable[[np.ndarray], scipy.sparse.csr_matrix],
    right: scipy.sparse.csr_matrix,
    *,
    top_n: int,
    above: float = 0.0,
    chunk_customers: int = CHUNK_CUSTOMERS,
) -> pa.Table:
    """Recommend what has the largest entries in a product of two sparse matrices.

    left_rows gets row numbers, a part of items.asked in chunks, and returns csr
    (len(rows), k); right is csr (k, n_products). All entries are finite and at least 0,
    so that only scores above 0 exist. Only rounded scores greater than above are kept,
    and nothing that is owned. Returns RECOMMENDATIONS_SCHEMA, sorted by customer and
    rank. Raises ValueError where top_n is below 1, above is negative or a score could
    be infinite.
    """
    # Imported late: the extension is only needed here and takes time to load.
    from sparse_dot_topn import sp_matmul_topn

    _check_top_n(top_n)
    if above < 0:
        raise ValueError(f"above == {above}, must be >= 0.")
    n_products = len(items.products)
    columns, scores = _no_columns(len(items.asked), top_n)
    # A unit row for each product below the rest, so that one product of matrices both
    # scores and marks what is owned.
    below = scipy.sparse.eye_array(n_products, format="csr")
    extended = scipy.sparse.csr_matrix(scipy.sparse.vstack([right, below]))
    spare = min(top_n + SPARE_CANDIDATES, max(n_products, 1))
    for start in range(0, len(items.asked), chunk_customers):
        rows = items.asked[start : start + chunk_customers]
        left, owned = left_rows(rows), items.owned[rows]
        marks = owned.astype(np.float64)
        marks.data[:] = -2 * (1 + _score_bound(left, right))
        best = sp_matmul_topn(
            scipy.sparse.csr_matrix(scipy.sparse.hstack([left, marks])),
            extended,
            top_n=spare,
            threshold=0.0,
            n_threads=available_threads(),
        )
        found = _ranked(*_in_rows(best, top_n + SPARE_CANDIDATES), top_n, above)
        for unsettled in _split(np.flatnonzero(~found.is_settled), n_products):
            whole = (left[unsettled] @ right).toarray()
            exclude(whole, owned[unsettled], slice(0, len(unsettled)))
            found.columns[unsettled], found.scores[unsettled] = _best_of_all(
                whole, top_n
            )
        columns[start : start + chunk_customers] = found.columns
        scores[start : start + chunk_customers] = found.scores
    return _table(items, columns, scores, above)


def _score_bound(
    left: scipy.sparse.csr_matrix, right: scipy.sparse.csr_matrix
) -> float:
    """Find a number that no score of theirs exceeds."""
    largest_sum = np.asarray(left.sum(axis=1)).max(initial=0.0)
    bound = float(largest_sum) * float(right.data.max(initial=0.0))
    if not np.isfinite(bound):
        raise ValueError(f"largest row sum * largest entry == {bound}, must be finite.")
    return bound


def _in_rows(
    sparse: scipy.sparse.csr_matrix, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Lay out the entries of each row as columns and values, -1 and -inf for none."""
    counts = np.diff(sparse.indptr)
    columns, values = _no_columns(sparse.shape[0], width)
    row = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(row)) - np.repeat(sparse.indptr[:-1], counts)
    columns[row, place] = sparse.indices[: len(row)]
    values[row, place] = sparse.data[: len(row)]
    return columns, values


def _check_top_n(top_n: int) -> None:
    if top_n < 1:
        raise ValueError(f"top_n == {top_n}, must be >= 1.")


def _check_length(name: str, factors: np.ndarray, length: int) -> None:
    if len(factors) != length:
        raise ValueError(f"len({name}) == {len(factors)}, must be == {length}.")


def _no_columns(rows: int, top_n: int) -> tuple[np.ndarray, np.ndarray]:
    columns = np.full((rows, top_n), -1, dtype=np.int32)
    return columns, np.full((rows, top_n), -np.inf)


def _rows_of_block(n_products: int) -> int:
    return min(max(BLOCK_SCORES // max(n_products, 1), 8), 1024)


def _split(rows: np.ndarray, n_products: int) -> list[np.ndarray]:
    """Cut row numbers into parts whose dense scores fit into a block."""
    size = _rows_of_block(n_products)
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _search_errors(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Bound by how much each customer's scores are off in float32.

    The bound of an inner product of f terms, (f + 2) eps |u| |p|, the two for rounding
    the factors themselves (Higham 2002, section 3.1).
    """
    epsilon = float(np.finfo(np.float32).eps)
    longest = np.linalg.norm(right, axis=1).max(initial=0.0)
    return (left.shape[1] + 2) * epsilon * longest * np.linalg.norm(left, axis=1)


def _ranked(
    found: np.ndarray,
    scores: np.ndarray,
    top_n: int,
    above: float,
    errors: np.ndarray | float = 0.0,
) -> _Best:
    """Rank the candidates of each row by rounded score, then column.

    errors bounds how far the scores that found the candidates were off.
    """
    # No column left out scores higher; where there are fewer candidates than places for
    # them, none was left out and this is -inf.
    reach = np.round(scores.min(axis=1) + 2 * errors, SCORE_DECIMALS)
    scores = np.round(scores, SCORE_DECIMALS)
    order = np.lexsort((found, -scores), axis=1)[:, :top_n]
    found = np.take_along_axis(found, order, axis=1)
    scores = np.take_along_axis(scores, order, axis=1)
    return _Best(found, scores, (reach < scores[:, -1]) | (reach <= above))


def _best_of_all(whole: np.ndarray, top_n: int) -> tuple[np.ndarray, np.ndarray]:
    return top_n_columns(np.round(whole, SCORE_DECIMALS), n=top_n)


def _table(
    items: UserItems, columns: np.ndarray, scores: np.ndarray, above: float
) -> pa.Table:
    row, place = np.nonzero((columns >= 0) & (scores > above))
    return pa.table(
        [
            items.customers[items.asked[row]],
            items.products[columns[row, place]],
            place + 1,
            scores[row, place],
        ],
        schema=RECOMMENDATIONS_SCHEMA,
    )
