"""Most similar entities among sparse rows, such as products by their buyers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.attributes import attribute_matrix, capped, unit_rows
from mercato.comoments import SCORE_DECIMALS, best_pairs
from mercato.threads import available_threads

METRICS = ("cosine", "euclidean", "pearson")

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
SIMILARITIES_SCHEMA = pa.schema(
    [
        ("entity_index", pa.int64()),
        ("neighbour_index", pa.int64()),
        ("metric", pa.string()),
        ("neighbour_rank", pa.int32()),
        ("score", pa.float64()),
        ("unshrunk_score", pa.float64()),
        ("common_count", pa.int32()),
        ("method", pa.string()),
    ]
)


class _Neighbours(NamedTuple):
    """Pairs of row numbers with the cosine, in any order."""

    entity: np.ndarray
    neighbour: np.ndarray
    cosine: np.ndarray


def neighbours(
    entity_index: np.ndarray,
    attribute_index: np.ndarray,
    weight: np.ndarray,
    *,
    top_k: int,
    shrinkage: Mapping[str, float],
    max_pairs: int = 2_000_000_000,
    max_counted_pairs: int = 100_000_000,
    above: float = -np.inf,
) -> pa.Table:
    """Find each entity's top_k most similar other entities by one or more metrics.

    The three arrays are the non-zero entries of a sparse matrix, as in
    `cosine_neighbours`. Compared are entities a, b with n >= 1 common attributes:

    - cosine: sum of w_a w_b / (|w_a| |w_b|), sums and lengths over all attributes.
    - euclidean: 1 / (1 + |w_a - w_b|), the distance over all attributes, where what an
      entity lacks is 0.
    - pearson: the correlation of w_a and w_b over their n common attributes, means and
      deviations being those of the common attributes alone. Not defined, and left out,
      where n == 1 or the common values of one of them do not vary (by more than 1e-4 of
      their size).

    shrinkage names the metrics to compute and what each is shrunk by: score =
    unshrunk_score * n / (n + shrinkage), so that what rests on few common attributes
    ranks lower; 0 shrinks nothing. Both are rounded to 8 decimals. Scores above `above`
    are returned, at most top_k for an entity, equal ones by lower neighbour index. The
    table has the schema SIMILARITIES_SCHEMA and is sorted by metric, entity and rank.

    Cosines that are not shrunk come from `cosine_neighbours` with max_pairs. All else
    needs several sums over the common attributes of every pair, and has its own bound,
    max_counted_pairs: past it, attributes with more than c entities enter no sum and no
    n, lengths staying complete, and method reads such as 'pearson_capped_at_<c>'.
    Capped cosines and euclidean scores are lower bounds, capped correlations neither.

    Raises ValueError where an argument of `cosine_neighbours` would, max_counted_pairs
    is negative, shrinkage names no or another metric or a value is not finite and at
    least 0, or above is nan.

    >>> neighbours(
    ...     [0, 0, 1, 1],
    ...     [5, 6, 5, 6],
    ...     [3.0, 4.0, 3.0, 8.0],
    ...     top_k=1,
    ...     shrinkage={"pearson": 0, "euclidean": 2},
    ... )["score"].to_pylist()
    [0.1, 0.1, 1.0, 1.0]
    """
    check_limits(top_k, max_pairs=max_pairs, max_counted_pairs=max_counted_pairs)
    check_shrinkage(shrinkage, above)
    entities, matrix = attribute_matrix(entity_index, attribute_index, weight)
    if matrix.nnz == 0:
        return SIMILARITIES_SCHEMA.empty_table()
    counted = {m: s for m, s in shrinkage.items() if s > 0 or m != "cosine"}
    tables = {}
    if counted:
        best = best_pairs(
            matrix,
            top_k=top_k,
            shrinkage=counted,
            max_pairs=max_counted_pairs,
            above=above,
        )
        for metric in counted:
            pairs = best.pop(metric)
            columns = (pairs.score, pairs.raw, pairs.count)
            tables[metric] = _similarities(
                metric, pairs.method, entities, pairs.entity, pairs.neighbour, *columns
            )
    if "cosine" in shrinkage.keys() - counted.keys():
        method, pairs = _cosine_pairs(matrix, top_k, max_pairs)
        pairs = _Neighbours(*(column[pairs.cosine > above] for column in pairs))
        columns = (pairs.cosine, pairs.cosine, _common_counts(matrix, pairs))
        tables["cosine"] = _similarities(
            "cosine", method, entities, pairs.entity, pairs.neighbour, *columns
        )
    return pa.concat_tables(tables[metric] for metric in sorted(tables))


def check_limits(top_k: int, **limits: int) -> None:
    """Raise ValueError where top_k is below 1 or a named limit is negative."""
    if top_k < 1:
        raise ValueError(f"top_k == {top_k}, must be >= 1.")
    for name, limit in limits.items():
        if limit < 0:
            raise ValueError(f"{name} == {limit}, must be >= 0.")


def check_shrinkage(shrinkage: Mapping[str, float], above: float) -> None:
    """Raise ValueError where `neighbours` would refuse one of the two."""
    names = ", ".join(METRICS)
    if not shrinkage or shrinkage.keys() - set(METRICS):
        raise ValueError(f"shrinkage == {shrinkage}, must name some of {names}.")
    for metric, value in shrinkage.items():
        if not 0 <= value < np.inf:
            raise ValueError(
                f"shrinkage[{metric!r}] == {value}, must be finite and >= 0."
            )
    if np.isnan(above):
        raise ValueError(f"above == {above}, must be a number.")


def _similarities(
    metric: str,
    method: str,
    entities: np.ndarray,
    entity: np.ndarray,
    neighbour: np.ndarray,
    *measures: np.ndarray,
) -> pa.Table:
    size = len(entity)
    keys = [entities[entity], entities[neighbour], pa.repeat(metric, size)]
    columns = [*keys, _ranks(entity), *measures, pa.repeat(method, size)]
    return pa.table(columns, schema=SIMILARITIES_SCHEMA)


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
    check_limits(top_k, max_pairs=max_pairs)
    entities, matrix = attribute_matrix(entity_index, attribute_index, weight)
    if matrix.nnz == 0:
        return NEIGHBOURS_SCHEMA.empty_table()
    method, pairs = _cosine_pairs(matrix, top_k, max_pairs)
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


def _cosine_pairs(
    matrix: scipy.sparse.csr_matrix, top_k: int, max_pairs: int
) -> tuple[str, _Neighbours]:
    cap, units = capped(unit_rows(matrix)[0], max_pairs)
    return f"cosine{cap}", _top_pairs(units, top_k)


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

    return sp_matmul_topn(
        scipy.sparse.csr_matrix(left),
        scipy.sparse.csr_matrix(right),
        top_n=asked,
        threshold=0.0,
        n_threads=available_threads(),
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
