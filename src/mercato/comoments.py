"""Similarities that need sums over the attributes common to two entities.

Six sparse products of the same pattern give, for every pair of entities with a common
attribute: their number n, the sums of x, y, x^2, y^2 and x y over them. Blocks of
entities are compared with all at a time, so that memory does not grow with the number
of pairs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import scipy.sparse

from mercato.attributes import capped, unit_rows
from mercato.threads import available_threads

SCORE_DECIMALS = 8
# Equal scores rank by lower index: less than half a unit of the last decimal is taken
# off in proportion to the index.
TIE_SHARE = 4e-9
# Pairs of one block, of some 200 bytes each.
BLOCK_PAIRS = 2_000_000

# Where the variance of the common values is below this share of their mean square
# (they differ by less than 1e-4 of their size), rounding could make it up: none.
LEAST_VARIANCE = 1e-8
# Two vectors point the same way where 1 - cosine is below this: rounding again.
LEAST_ANGLE = 1e-13


class Best(NamedTuple):
    """The best pairs of one metric, by entity and falling score.

    entity and neighbour are row numbers, count is n, the number of common attributes,
    and score is raw * n / (n + shrinkage).
    """

    method: str
    entity: np.ndarray
    neighbour: np.ndarray
    score: np.ndarray
    raw: np.ndarray
    count: np.ndarray


class _Sums(NamedTuple):
    """Sums over the common attributes of pairs, grouped by entity.

    offsets: csr row pointers, one group of pairs for each entity of a block.
    """

    offsets: np.ndarray
    entity: np.ndarray
    neighbour: np.ndarray
    count: np.ndarray
    dot: np.ndarray
    entity_sum: np.ndarray | None
    neighbour_sum: np.ndarray | None
    entity_squares: np.ndarray | None
    neighbour_squares: np.ndarray | None


def best_pairs(
    matrix: scipy.sparse.csr_matrix,
    *,
    top_k: int,
    shrinkage: Mapping[str, float],
    max_pairs: int,
    above: float,
) -> dict[str, Best]:
    """Find each row's top_k most similar rows by each metric named in shrinkage.

    matrix is csr (entities, attributes) of finite weights above 0 without empty rows.
    See mercato.similarity.neighbours for the formulas, max_pairs and above.
    """
    units, lengths = unit_rows(matrix)
    cap, shared = capped(units, max_pairs)
    threads = available_threads()
    found = {metric: [_no_pairs(f"{metric}{cap}")] for metric in shrinkage}
    for sums in _blocks(shared, threads, with_moments="pearson" in shrinkage):
        for metric, shrink in shrinkage.items():
            raw = _raw(metric, sums, lengths)
            places, score = _best_places(sums, raw, shrink, top_k, above, threads)
            found[metric].append(
                Best(
                    f"{metric}{cap}",
                    sums.entity[places],
                    sums.neighbour[places],
                    score,
                    np.round(raw[places], SCORE_DECIMALS) + 0.0,
                    sums.count[places].astype(np.int32),
                )
            )
    return {metric: _joined(parts) for metric, parts in found.items()}


def _no_pairs(method: str) -> Best:
    index, number = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Best(method, index, index, number, number, np.zeros(0, dtype=np.int32))


def _blocks(
    shared: scipy.sparse.csr_matrix, threads: int, *, with_moments: bool
) -> Iterator[_Sums]:
    """Sum over the common attributes of every pair, block by block of entities."""
    columns = shared.T.tocsr()
    n_entities = shared.shape[0]
    work = _powers(shared, 0) @ np.diff(columns.indptr).astype(np.float64)
    pairs = np.cumsum(np.minimum(work, n_entities))
    starts = np.flatnonzero(np.diff(pairs // BLOCK_PAIRS, prepend=-1))
    right = [_powers(columns, power) for power in range(3 if with_moments else 2)]
    for start, stop in itertools.pairwise([*starts, n_entities]):
        rows = shared[start:stop]
        if rows.nnz == 0:
            continue
        left = [_powers(rows, power) for power in range(len(right))]
        count = _product(left[0], right[0], threads)

        def sums(
            of_entity: int,
            of_neighbour: int,
            left: list[scipy.sparse.csr_matrix] = left,
        ) -> np.ndarray:
            # All products store the same entries in the same order.
            return _product(left[of_entity], right[of_neighbour], threads).data

        yield _Sums(
            count.indptr,
            start + np.repeat(np.arange(stop - start), np.diff(count.indptr)),
            count.indices.astype(np.int64),
            count.data,
            sums(1, 1),
            sums(1, 0) if with_moments else None,
            sums(0, 1) if with_moments else None,
            sums(2, 0) if with_moments else None,
            sums(0, 2) if with_moments else None,
        )


def _powers(matrix: scipy.sparse.csr_matrix, power: int) -> scipy.sparse.csr_matrix:
    arrays = (matrix.data**power, matrix.indices, matrix.indptr)
    return scipy.sparse.csr_matrix(arrays, shape=matrix.shape)


def _product(
    left: scipy.sparse.csr_matrix, right: scipy.sparse.csr_matrix, threads: int
) -> scipy.sparse.csr_matrix:
    # Imported late: the extension is only needed here and takes time to load.
    from sparse_dot_topn import sp_matmul

    return sp_matmul(left, right, n_threads=threads)


def _raw(metric: str, sums: _Sums, lengths: np.ndarray) -> np.ndarray:
    """Compute the similarity of every pair, nan where it is not defined."""
    if metric == "pearson":
        return _pearson(sums)
    cosine = np.minimum(sums.dot, 1.0)
    if metric == "cosine":
        return cosine
    # |a - b|^2 = (|a| - |b|)^2 + 2 |a| |b| (1 - cosine), which takes no difference of
    # large squares.
    angle = 1.0 - cosine
    angle[angle < LEAST_ANGLE] = 0.0
    own, other = lengths[sums.entity], lengths[sums.neighbour]
    across = np.sqrt(2.0 * own) * np.sqrt(other) * np.sqrt(angle)
    return 1.0 / (1.0 + np.hypot(own - other, across))


def _pearson(sums: _Sums) -> np.ndarray:
    raw = np.full(len(sums.count), np.nan)
    several = np.flatnonzero(sums.count >= 2)
    n = sums.count[several]
    x, y = sums.entity_sum[several], sums.neighbour_sum[several]
    xx, yy = n * sums.entity_squares[several], n * sums.neighbour_squares[several]
    x_variance, y_variance = xx - x**2, yy - y**2
    varies = (x_variance > LEAST_VARIANCE * xx) & (y_variance > LEAST_VARIANCE * yy)
    covariance = (n * sums.dot[several] - x * y)[varies]
    deviations = np.sqrt(x_variance[varies]) * np.sqrt(y_variance[varies])
    raw[several[varies]] = np.clip(covariance / deviations, -1.0, 1.0)
    return raw


def _best_places(
    sums: _Sums,
    raw: np.ndarray,
    shrinkage: float,
    top_k: int,
    above: float,
    threads: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the best top_k pairs of each entity of a block, and their scores."""
    score = np.round(raw * (sums.count / (sums.count + shrinkage)), SCORE_DECIMALS)
    asked = np.flatnonzero((score > above) & (sums.entity != sums.neighbour))
    if len(asked) == 0:
        return asked, score[asked]
    ties = TIE_SHARE / (sums.neighbour.max() + 1)
    # Scores are at least -1: keys are above 0, as sparse_dot_topn needs them.
    keys = score[asked] + 2.0 - ties * sums.neighbour[asked]
    offsets = np.searchsorted(asked, sums.offsets).astype(sums.offsets.dtype)
    chosen = _largest_of_rows(keys, offsets, top_k, threads)
    places = asked[chosen]
    order = np.lexsort((-keys[chosen], sums.entity[places]))
    # Adding 0 makes 0 of -0.
    return places[order], score[places[order]] + 0.0


def _largest_of_rows(
    keys: np.ndarray, offsets: np.ndarray, top_k: int, threads: int
) -> np.ndarray:
    """Find the places of the top_k largest keys of each row, in any order.

    The rows times an identity matrix are the rows: sparse_dot_topn selects in threads.
    """
    from sparse_dot_topn import sp_matmul_topn

    size = len(keys)
    rows = scipy.sparse.csr_matrix(
        (keys, np.arange(size, dtype=offsets.dtype), offsets),
        shape=(len(offsets) - 1, size),
    )
    chosen = sp_matmul_topn(
        rows,
        scipy.sparse.csr_matrix(scipy.sparse.identity(size, format="csr")),
        top_n=min(top_k, size),
        threshold=0.0,
        n_threads=threads,
    )
    return chosen.indices[: chosen.indptr[-1]].astype(np.int64)


def _joined(parts: list[Best]) -> Best:
    columns = zip(*(part[1:] for part in parts), strict=True)
    return Best(parts[0].method, *map(np.concatenate, columns))
