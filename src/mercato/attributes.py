"""Sparse matrices of entities by attributes, such as products by their customers."""

from __future__ import annotations

import numpy as np
import scipy.sparse

# The product of two such lengths and the square of one are still above 0: sparse
# products of the same rows then store the same entries.
SMALLEST_UNIT = 1e-150


def attribute_matrix(
    entity_index: np.ndarray, attribute_index: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, scipy.sparse.csr_matrix]:
    """Check the entries and lay them out as one sorted row for each entity.

    Returns the entities' indices, ascending, and the csr matrix (entities, attributes)
    of the entries above 0, which has no empty row or column. Raises ValueError where
    lengths differ, an index is negative or no integer, a weight is negative or not
    finite, or an (entity, attribute) pair comes twice.
    """
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


def unit_rows(
    matrix: scipy.sparse.csr_matrix,
) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """Scale rows to length 1, first by their maximum so that no square overflows.

    Returns the float64 matrix of scaled rows and the lengths, 0 for an empty row, which
    stays empty.
    """
    units = matrix.astype(np.float64, copy=True)
    lengths = np.zeros(matrix.shape[0])
    is_filled = np.diff(matrix.indptr) > 0
    if not is_filled.any():
        return units, lengths
    starts, sizes = matrix.indptr[:-1][is_filled], np.diff(matrix.indptr)[is_filled]
    largest = np.maximum.reduceat(units.data, starts)
    units.data /= np.repeat(largest, sizes)
    norms = np.sqrt(np.add.reduceat(units.data**2, starts))
    units.data /= np.repeat(norms, sizes)
    np.maximum(units.data, SMALLEST_UNIT, out=units.data)
    with np.errstate(over="ignore"):
        lengths[is_filled] = norms * largest
    return units, lengths


def largest_cap(counts: np.ndarray, max_pairs: int) -> int:
    """Find the largest entity count that keeps the multiply-adds within max_pairs."""
    sizes, attributes = np.unique(counts, return_counts=True)
    work = np.cumsum(attributes.astype(np.float64) * sizes.astype(np.float64) ** 2)
    fitting = np.flatnonzero(work <= max_pairs)
    return int(sizes[fitting[-1]]) if len(fitting) else 0


def capped(
    units: scipy.sparse.csr_matrix, max_pairs: int
) -> tuple[str, scipy.sparse.csr_matrix]:
    """Leave out the attributes of most entities where all would exceed max_pairs.

    Returns what to add to a method's name, "" or such as "_capped_at_120", and the
    matrix, of the same shape, without the entries of attributes above the cap.
    """
    counts = np.bincount(units.indices, minlength=units.shape[1])
    cap = largest_cap(counts, max_pairs)
    if cap >= counts.max():
        return "", units
    restricted = units.copy()
    restricted.data[counts[units.indices] > cap] = 0.0
    restricted.eliminate_zeros()
    return f"_capped_at_{cap}", restricted
