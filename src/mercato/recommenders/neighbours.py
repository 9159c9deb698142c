"""Nearest neighbours by shrunk cosine among the rows of a matrix, for any of them."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import scipy.sparse

from mercato.attributes import largest_cap, unit_rows
from mercato.threads import available_threads

# Similarities are compared in units of 1e-8, far above what rounding errors make up.
UNITS = 10**8
# Similarities that a block of rows may have, of 12 bytes each.
BLOCK_SIMILARITIES = 8_000_000
INDEX_BITS = 31
LAST_INDEX = 2**INDEX_BITS - 1


class Vectors(NamedTuple):
    """What is compared: rows of length 1 and the columns two of them may share.

    units: csr (n, columns). shared: csr (columns, n), empty for the columns that do not
    enter the sums; shared_pattern: 1 in the same places.
    """

    units: scipy.sparse.csr_matrix
    shared: scipy.sparse.csr_matrix
    shared_pattern: scipy.sparse.csr_matrix


def vectors(matrix: scipy.sparse.csr_matrix, *, max_pairs: int) -> Vectors:
    """Scale the rows of a matrix of entries above 0 to length 1.

    Comparing all rows takes a multiply-add for every pair of rows of every column.
    Where that is more than max_pairs, columns with more than c entries do not enter the
    sums, c being the largest bound that fits; lengths stay complete, so that the
    similarities are lower bounds. Raises ValueError where max_pairs is negative.
    """
    if max_pairs < 0:
        raise ValueError(f"max_pairs == {max_pairs}, must be >= 0.")
    units, _ = unit_rows(matrix)
    shared = units.T.tocsr()
    counts = np.diff(shared.indptr)
    is_left_out = counts > largest_cap(counts, max_pairs)
    if is_left_out.any():
        keep = scipy.sparse.diags_array(np.where(is_left_out, 0.0, 1.0)).tocsr()
        keep.eliminate_zeros()
        shared = scipy.sparse.csr_matrix(keep @ shared)
    return Vectors(units, shared, _pattern(shared))


def nearest(
    among: Vectors,
    units: scipy.sparse.csr_matrix,
    own: np.ndarray,
    *,
    neighbours: int,
    shrinkage: float,
) -> scipy.sparse.csr_matrix:
    """Find the rows most similar to each of some vectors, but for its own row.

    units is csr (m, columns) with rows of length 1; own is int64 (m,), which row each
    of them is, -1 where it is none. The similarity is
    cosine(a, b) * n / (n + shrinkage), n being the number of columns that a and b
    share: what rests on little counts less. It is rounded to 8 decimals; of equal ones
    the lower row number is nearer. Returns csr (m, n) with at most neighbours entries a
    row, all above 0. The result does not depend on the number of threads. Raises
    ValueError where neighbours is below 1 or shrinkage not finite and at least 0.
    """
    if neighbours < 1:
        raise ValueError(f"neighbours == {neighbours}, must be >= 1.")
    if not 0 <= shrinkage < np.inf:
        raise ValueError(f"shrinkage == {shrinkage}, must be finite and >= 0.")
    pair_counts = _pattern(units) @ np.diff(among.shared.indptr).astype(np.float64)
    bounds = _block_bounds(pair_counts, among.units.shape[0])
    threads = available_threads()
    blocks = [scipy.sparse.csr_matrix((0, among.units.shape[0]))]
    for start, stop in itertools.pairwise(bounds):
        order = _dealt(pair_counts[start:stop], threads)
        rows = start + order
        similarities = _similarities(among, units[rows], shrinkage, threads)
        nearest_ones = _top_of_rows(similarities, own[rows], neighbours)
        blocks.append(nearest_ones[np.argsort(order)])
    return scipy.sparse.vstack(blocks, format="csr")


def _block_bounds(pair_counts: np.ndarray, others: int) -> list[int]:
    """Cut the rows where the next multiple of BLOCK_SIMILARITIES begins."""
    # A multiply-add gives at most one, and a row has at most one with each other.
    most = np.minimum(pair_counts, others)
    blocks = np.cumsum(most) // BLOCK_SIMILARITIES
    cuts = np.flatnonzero(np.diff(blocks, prepend=-1))
    return [*cuts.tolist(), len(most)] if len(most) else [0]


def _dealt(costs: np.ndarray, threads: int) -> np.ndarray:
    """Order rows so that equal shares of them, one for each thread, cost the same.

    >>> _dealt(np.array([1, 9, 2, 8]), 2).tolist()
    [1, 2, 3, 0]
    """
    order = np.argsort(-costs, kind="stable")
    return np.concatenate([order[first::threads] for first in range(threads)])


def _similarities(
    among: Vectors, units: scipy.sparse.csr_matrix, shrinkage: float, threads: int
) -> scipy.sparse.csr_matrix:
    """Compute the shrunk cosines of some vectors with all that share a column."""
    # Imported late: the extension is only needed here and takes time to load.
    from sparse_dot_topn import sp_matmul

    similarities = sp_matmul(units, among.shared, n_threads=threads)
    np.minimum(similarities.data, 1.0, out=similarities.data)
    if shrinkage > 0:
        # The same entries in the same order, so that data can be put together.
        common = sp_matmul(_pattern(units), among.shared_pattern, n_threads=threads)
        similarities.data *= common.data / (common.data + shrinkage)
    return similarities


def _pattern(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    # Counts are exact in float32 up to 16 million.
    ones = np.ones(matrix.nnz, dtype=np.float32)
    return scipy.sparse.csr_matrix((ones, matrix.indices, matrix.indptr), matrix.shape)


def _top_of_rows(
    similarities: scipy.sparse.csr_matrix, own: np.ndarray, neighbours: int
) -> scipy.sparse.csr_matrix:
    """Keep the largest entries of each row, lower columns first, without its own."""
    # One whole number holds both, so that no two are equal and the cut is clear.
    keys = np.rint(similarities.data * UNITS).astype(np.int64) << INDEX_BITS
    keys += LAST_INDEX - similarities.indices
    keys[np.repeat(own, np.diff(similarities.indptr)) == similarities.indices] = 0
    kept = []
    for start, stop in itertools.pairwise(similarities.indptr):
        of_row = keys[start:stop]
        if len(of_row) > neighbours:
            of_row = np.partition(of_row, len(of_row) - neighbours)[-neighbours:]
        kept.append(of_row[of_row >> INDEX_BITS > 0])
    sizes = np.array([len(of_row) for of_row in kept])
    keys = np.concatenate(kept)
    columns = LAST_INDEX - (keys & LAST_INDEX)
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    best = scipy.sparse.csr_matrix(
        ((keys >> INDEX_BITS) / UNITS, columns, offsets), similarities.shape
    )
    best.sort_indices()
    return best
