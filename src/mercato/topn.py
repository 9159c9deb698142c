"""Exact top-n inner products of every customer with every product.

No matrix of all customers and all products ever exists: blocks of customers are scored
by one single-threaded matrix product each, several blocks at a time. A block is then
searched through the maxima of groups of products: the n best scores of a row can only
lie in the n groups with the largest maxima, so that few scores are looked at twice.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import scipy.sparse

from mercato.threads import run_in_threads

# Two million float32 scores: 8 MB a block, close to a core's cache. Smaller blocks pay
# for repacking the product factors, larger ones for trips to memory.
BLOCK_SCORES = 2**21


class TopN(NamedTuple):
    """The best products of each customer, best first.

    indices: int32 (n_customers, n), -1 where a customer has fewer than n candidates.
    scores: float32, or as given, (n_customers, n), -inf in the same places.
    """

    indices: np.ndarray
    scores: np.ndarray


def top_n_products(
    customer_factors: np.ndarray,
    product_factors: np.ndarray,
    owned: scipy.sparse.csr_matrix | None = None,
    *,
    n: int,
    block_rows: int | None = None,
) -> TopN:
    """Find each customer's n largest inner products among the products not yet owned.

    customer_factors is (n_customers, f) and product_factors (n_products, f), both used
    as float32; every stored entry of owned (n_customers, n_products) excludes a
    product, whatever its value. Equal scores rank by lower product index. A block has
    block_rows customers, by default as many as make two million scores, between 8 and
    1,024. The result does not depend on the number of threads; another block_rows or
    another BLAS may change the last bits of a score. Raises ValueError where shapes
    disagree, n or block_rows is below 1, or a factor is not finite or so large that a
    score would overflow.

    >>> top_n_products(np.array([[1.0, 2.0]]), np.eye(2), n=1).indices.tolist()
    [[1]]
    """
    customers = _checked_factors("customer_factors", customer_factors)
    products = _checked_factors("product_factors", product_factors)
    n_customers, n_products = len(customers), len(products)
    if customers.shape[1] != products.shape[1]:
        raise ValueError(
            f"product_factors.shape[1] == {products.shape[1]}, "
            f"must be == {customers.shape[1]}."
        )
    if n < 1:
        raise ValueError(f"n == {n}, must be >= 1.")
    if block_rows is None:
        block_rows = min(max(BLOCK_SCORES // max(n_products, 1), 8), 1024)
    if block_rows < 1:
        raise ValueError(f"block_rows == {block_rows}, must be >= 1.")
    _check_overflow(customers, products)
    owned = _checked_owned(owned, (n_customers, n_products))

    indices = np.full((n_customers, n), -1, dtype=np.int32)
    scores = np.full((n_customers, n), -np.inf, dtype=np.float32)
    if n_customers == 0 or n_products == 0:
        return TopN(indices, scores)
    kept = min(n, n_products)
    groups, width = _group_layout(n_products, kept)
    transposed = _padded_transpose(products, width)

    def score_block(start: int) -> None:
        rows = slice(start, min(start + block_rows, n_customers))
        block = customers[rows] @ transposed
        block[:, n_products:] = -np.inf
        exclude(block, owned, rows)
        found, found_scores = _block_top(block, groups, kept)
        indices[rows, :kept] = np.where(found_scores == -np.inf, -1, found)
        scores[rows, :kept] = found_scores

    run_in_threads(score_block, range(0, n_customers, block_rows))
    return TopN(indices, scores)


def top_n_columns(scores: np.ndarray, *, n: int) -> TopN:
    """Find the n largest scores of each row of a dense block, ties by lower column.

    scores is (rows, columns), float32 or float64; -inf marks what is no candidate.
    Raises ValueError where it has another number of dimensions, n is below 1 or a score
    is infinite or not a number.

    >>> top_n_columns(np.array([[1.0, 5.0, 5.0, 2.0]]), n=2).indices.tolist()
    [[1, 2]]
    """
    if scores.ndim != 2:
        raise ValueError(f"scores.ndim == {scores.ndim}, must be == 2.")
    if n < 1:
        raise ValueError(f"n == {n}, must be >= 1.")
    largest = scores.max(initial=-np.inf)
    if not largest < np.inf:
        raise ValueError(f"scores.max() == {largest}, must be finite.")
    rows, columns = scores.shape
    indices = np.full((rows, n), -1, dtype=np.int32)
    best = np.full((rows, n), -np.inf, dtype=scores.dtype)
    if rows == 0 or columns == 0:
        return TopN(indices, best)
    kept = min(n, columns)
    groups, width = _group_layout(columns, kept)
    padded = np.full((rows, width), -np.inf, dtype=scores.dtype)
    padded[:, :columns] = scores
    found, best[:, :kept] = _block_top(padded, groups, kept)
    indices[:, :kept] = np.where(best[:, :kept] == -np.inf, -1, found)
    return TopN(indices, best)


def _checked_factors(name: str, factors: np.ndarray) -> np.ndarray:
    # What float32 cannot hold becomes infinite and is refused below.
    with np.errstate(over="ignore"):
        factors = np.ascontiguousarray(factors, dtype=np.float32)
    if factors.ndim != 2:
        raise ValueError(f"{name}.ndim == {factors.ndim}, must be == 2.")
    if not np.isfinite(factors).all():
        row, column = np.argwhere(~np.isfinite(factors))[0]
        raise ValueError(
            f"{name}[{row}, {column}] == {factors[row, column]}, must be finite."
        )
    return factors


def _check_overflow(customers: np.ndarray, products: np.ndarray) -> None:
    """Refuse factors whose inner product could leave the range of float32."""
    bound = _largest_norm(customers) * _largest_norm(products)
    limit = float(np.finfo(np.float32).max)
    if bound > limit:
        raise ValueError(
            f"largest customer norm * largest product norm == {bound}, "
            f"must be <= {limit}."
        )


def _largest_norm(factors: np.ndarray) -> float:
    squares = np.einsum("ij,ij->i", factors, factors, dtype=np.float64)
    return math.sqrt(squares.max(initial=0.0))


def _checked_owned(
    owned: scipy.sparse.csr_matrix | None, shape: tuple[int, int]
) -> scipy.sparse.csr_matrix:
    if owned is None:
        return scipy.sparse.csr_matrix(shape, dtype=np.float32)
    if owned.shape != shape:
        raise ValueError(f"owned.shape == {owned.shape}, must be == {shape}.")
    return owned.tocsr()


def _group_layout(n_products: int, kept: int) -> tuple[int, int]:
    """Balance the search among group maxima against that inside the best groups.

    Returns the number of groups and the number of columns of a padded block: column j
    belongs to group j modulo the number of groups, so that maxima are taken over long
    contiguous vectors.
    """
    groups = min(n_products, max(kept, math.isqrt(n_products * kept)))
    return groups, groups * math.ceil(n_products / groups)


def _padded_transpose(products: np.ndarray, width: int) -> np.ndarray:
    padded = np.zeros((products.shape[1], width), dtype=np.float32)
    padded[:, : len(products)] = products.T
    return padded


def exclude(block: np.ndarray, owned: scipy.sparse.csr_matrix, rows: slice) -> None:
    """Set to -inf, in the scores of a slice of rows, what is stored in owned."""
    offsets = owned.indptr[rows.start : rows.stop + 1]
    columns = owned.indices[offsets[0] : offsets[-1]]
    block[np.repeat(np.arange(len(block)), np.diff(offsets)), columns] = -np.inf


def _block_top(
    block: np.ndarray, groups: int, kept: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the best columns of each row by way of the group maxima."""
    rows, width = block.shape
    maxima = np.maximum.reduce(block.reshape(rows, -1, groups), axis=1)
    best = np.argpartition(maxima, groups - kept, axis=1)[:, groups - kept :]
    bound = np.take_along_axis(maxima, best, axis=1).min(axis=1)
    # In ascending order of groups the candidates below are in ascending order of
    # columns, which is what breaks ties.
    best.sort(axis=1)
    firsts = np.arange(0, width, groups)
    candidates = (firsts[:, None] + best[:, None, :]).reshape(rows, -1)
    within = np.take_along_axis(block, candidates, axis=1)
    positions, scores = _rows_top(within, kept)
    found = np.take_along_axis(candidates, positions, axis=1)
    # Where more groups reach the bound than were searched, an equal score with a lower
    # index may be in another group: those rows are searched whole.
    tied = np.flatnonzero((maxima >= bound[:, None]).sum(axis=1) > kept)
    if len(tied):
        found[tied], scores[tied] = _rows_top(block[tied], kept)
    return found, scores


def _rows_top(scores: np.ndarray, kept: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the positions of the largest scores of each row, ties by lower position."""
    width = scores.shape[1]
    cut = np.partition(scores, width - kept, axis=1)[:, width - kept, None]
    chosen = scores >= cut
    tied = np.flatnonzero(chosen.sum(axis=1) > kept)
    if len(tied):
        above = scores[tied] > cut[tied]
        equal = scores[tied] == cut[tied]
        room = kept - above.sum(axis=1, keepdims=True)
        chosen[tied] = above | (equal & (np.cumsum(equal, axis=1) <= room))
    positions = np.nonzero(chosen)[1].reshape(len(scores), kept)
    best = np.take_along_axis(scores, positions, axis=1)
    order = np.argsort(-best, axis=1, kind="stable")
    return np.take_along_axis(positions, order, 1), np.take_along_axis(best, order, 1)
