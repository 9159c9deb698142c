"""Nearest neighbours by cosine among sparse rows, such as products by their buyers."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse
from threadpoolctl import ThreadpoolController

SCORE_DECIMALS = 8
# Less than half a unit of the last decimal, and far above float64 rounding when divided
# by a million entities.
TIE_SHARE = 4e-9
SPARE_NEIGHBOURS = 10

# Results asked of one sparse product, and matrix entries of the pairs whose common
# attributes are counted at once: they hold memory to some hundreds of megabytes above
# input and output.
BLOCK_NEIGHBOURS = 2_000_000
BLOCK_ENTRIES = 20_000_000

NEIGHBOURS_SCHEMA = pa.schema(
    [
        ("entity_index", pa.int64()),
        ("neighbour_index", pa.int64()),
        ("neighbour_rank", pa.int32()),
        ("cosine", pa.float64()),
        ("common_count", pa.int32()),
        ("method", pa.string()),
    ]
)


class _Neighbours(NamedTuple):
    """Pairs of row numbers with the cosine, in any order."""

    entity: np.ndarray
    neighbour: np.ndarray
    cosine: np.ndarray


def cosine_neighbours(
    entity_index: np.ndarray,
    attribute_index: np.ndarray,
    weight: np.ndarray,
    *,
    top_k: int,
    max_pairs: int = 2_000_000_000,
) -> pa.Table:
    """Find each entity's top_k most similar other entities by cosine.

    The three arrays, of equal length, are the non-zero entries of a sparse matrix:
    cosine(a, b) = sum over attributes of w_a w_b / (|w_a| |w_b|), rounded to 8
    decimals; equal values rank by lower neighbour index. Only cosines above 0 after
    rounding are returned. Entries of weight 0 are ignored. common_count is the number
    of attributes that both have. The table is sorted by entity and rank.

    The work is one multiply-add for every pair of entities of every attribute, the sum
    of squared entity counts. Where that exceeds max_pairs, only attributes with at most
    c entities enter the dot product, c being the largest cap that fits, while norms and
    common_count stay complete: the cosine is then a lower bound and method reads
    'cosine_capped_at_<c>' instead of 'cosine'. With a cap of 0 nothing is returned.

    Raises ValueError where lengths differ, an index is negative or no integer, a weight
    is negative or not finite, an (entity, attribute) pair comes twice, top_k is below 1
    or max_pairs is negative.

    >>> cosine_neighbours([0, 0, 1], [5, 6, 5], [3.0, 4.0, 1.0], top_k=1).to_pydict()[
    ...     "cosine"
    ... ]
    [0.6, 0.6]
    """
    if top_k < 1:
        raise ValueError(f"top_k == {top_k}, must be >= 1.")
    if max_pairs < 0:
        raise ValueError(f"max_pairs == {max_pairs}, must be >= 0.")
    entities, matrix = _attribute_matrix(entity_index, attribute_index, weight)
    if matrix.nnz == 0:
        return NEIGHBOURS_SCHEMA.empty_table()
    units = _unit_rows(matrix)
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    cap = _largest_cap(counts, max_pairs)
    method = "cosine"
    if cap < counts.max():
        method = f"cosine_capped_at_{cap}"
        units = _restricted(units, counts <= cap)
    pairs = _top_pairs(units, top_k)
    return pa.table(
        [
            entities[pairs.entity],
            entities[pairs.neighbour],
            _ranks(pairs.entity),
            pairs.cosine,
            _common_counts(matrix, pairs),
            pa.repeat(method, len(pairs.entity)),
        ],
        schema=NEIGHBOURS_SCHEMA,
    )


def _attribute_matrix(
    entity_index: np.ndarray, attribute_index: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Check the entries and lay them out as one sorted row for each entity."""
    entity = _checked_index("entity_index", entity_index)
    attribute = _checked_index("attribute_index", attribute_index)
    weight = np.asarray(weight, dtype=np.float64)
    for name, values in (("attribute_index", attribute), ("weight", weight)):
        if len(values) != len(entity):
            raise ValueError(f"len({name}) == {len(values)}, must be == {len(entity)}.")
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        raise ValueError(
            f"weight[{bad[0]}] == {weight[bad[0]]}, must be finite and >= 0."
        )
    order = np.lexsort((attribute, entity))
    entity, attribute, weight = entity[order], attribute[order], weight[order]
    twice = np.flatnonzero((np.diff(entity) == 0) & (np.diff(attribute) == 0))
    if len(twice):
        raise ValueError(
            f"count of (entity_index, attribute_index) == ({entity[twice[0]]}, "
            f"{attribute[twice[0]]}) is above 1, must be <= 1."
        )
    used = weight > 0
    entities, rows = np.unique(entity[used], return_inverse=True)
    attributes, columns = np.unique(attribute[used], return_inverse=True)
    shape = (len(entities), len(attributes))
    matrix = scipy.sparse.csr_matrix((weight[used], (rows, columns)), shape=shape)
    matrix.sort_indices()
    return entities, matrix


def _checked_index(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if len(values) and values.dtype.kind not in "iu":
        raise ValueError(f"{name}.dtype == {values.dtype}, must be an integer type.")
    values = values.astype(np.int64)
    if len(values) and values.min() < 0:
        raise ValueError(f"min({name}) == {values.min()}, must be >= 0.")
    return values


def _unit_rows(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Scale rows to length 1, first by their maximum so that no square overflows."""
    units = matrix.copy()
    sizes = np.diff(matrix.indptr)
    starts = matrix.indptr[:-1]
    units.data /= np.repeat(np.maximum.reduceat(units.data, starts), sizes)
    norms = np.sqrt(np.add.reduceat(units.data**2, starts))
    units.data /= np.repeat(norms, sizes)
    return units


def _largest_cap(counts: np.ndarray, max_pairs: int) -> int:
    """Find the largest entity count that keeps the multiply-adds within max_pairs."""
    sizes, attributes = np.unique(counts, return_counts=True)
    work = np.cumsum(attributes.astype(np.float64) * sizes.astype(np.float64) ** 2)
    fitting = np.flatnonzero(work <= max_pairs)
    return int(sizes[fitting[-1]]) if len(fitting) else 0


def _restricted(
    units: scipy.sparse.csr_matrix, kept: np.ndarray
) -> scipy.sparse.csr_matrix:
    restricted = units.copy()
    restricted.data[~kept[units.indices]] = 0.0
    restricted.eliminate_zeros()
    return restricted


def _top_pairs(units: scipy.sparse.csr_matrix, top_k: int) -> _Neighbours:
    """Find the best pairs of all rows, sorted by entity and rank.

    sparse_dot_topn keeps an arbitrary one of equal values at its cut. So neighbours are
    scaled down by a share that grows with their index and stays below what rounding
    shows; it is divided out again. A few spare neighbours make room for the row itself
    and for values closer to each other than that share.
    """
    n_entities = units.shape[0]
    shares = 1 - TIE_SHARE * np.arange(n_entities) / n_entities
    transposed = (scipy.sparse.diags_array(shares) @ units).T.tocsr()
    asked = min(top_k + SPARE_NEIGHBOURS, n_entities)
    block_rows = max(1, BLOCK_NEIGHBOURS // asked)
    found = []
    for start in range(0, n_entities, block_rows):
        product = _sparse_top(units[start : start + block_rows], transposed, asked)
        entity = start + np.repeat(np.arange(product.shape[0]), np.diff(product.indptr))
        neighbour = product.indices.astype(np.int64)
        cosine = np.round(product.data / shares[neighbour], SCORE_DECIMALS)
        pairs = _Neighbours(entity, neighbour, np.minimum(cosine, 1.0))
        found.append(_best(pairs, top_k))
    return _Neighbours(*map(np.concatenate, zip(*found, strict=True)))


def _sparse_top(
    left: scipy.sparse.csr_matrix, right: scipy.sparse.csr_matrix, asked: int
) -> scipy.sparse.csr_matrix:
    # Imported late: the extension is only needed here and takes time to load.
    from sparse_dot_topn import sp_matmul_topn

    blas = ThreadpoolController().select(user_api="blas")
    threads = max((library.num_threads for library in blas.lib_controllers), default=1)
    return sp_matmul_topn(
        scipy.sparse.csr_matrix(left),
        scipy.sparse.csr_matrix(right),
        top_n=asked,
        threshold=0.0,
        n_threads=threads,
    )


def _best(pairs: _Neighbours, top_k: int) -> _Neighbours:
    """Keep the best top_k of each entity, sorted by entity and rank."""
    valid = (pairs.entity != pairs.neighbour) & (pairs.cosine > 0)
    pairs = _Neighbours(*(column[valid] for column in pairs))
    order = np.lexsort((pairs.neighbour, -pairs.cosine, pairs.entity))
    pairs = _Neighbours(*(column[order] for column in pairs))
    kept = _ranks(pairs.entity) <= top_k
    return _Neighbours(*(column[kept] for column in pairs))


def _ranks(entity: np.ndarray) -> np.ndarray:
    """Count the places 1, 2, … within each run of equal entities."""
    places = np.arange(len(entity))
    starts = np.concatenate(([True], np.diff(entity) != 0))[: len(entity)]
    return places - np.maximum.accumulate(np.where(starts, places, 0)) + 1


def _common_counts(matrix: scipy.sparse.csr_matrix, pairs: _Neighbours) -> np.ndarray:
    """Count the attributes that both entities of each pair have."""
    pattern = matrix.astype(bool).astype(np.int32)
    counts = np.zeros(len(pairs.entity), dtype=np.int32)
    lengths = np.diff(pattern.indptr).astype(np.int64)
    entries = np.cumsum(lengths[pairs.entity] + lengths[pairs.neighbour])
    starts = np.flatnonzero(np.diff(entries // BLOCK_ENTRIES, prepend=-1))
    for start, stop in itertools.pairwise([*starts, len(counts)]):
        block = slice(start, stop)
        common = pattern[pairs.entity[block]].multiply(pattern[pairs.neighbour[block]])
        counts[block] = np.asarray(common.sum(axis=1)).ravel()
    return counts
