"""Ward's tree of points: which join first, and how to draw it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mercato.sampling import evenly_spaced
from mercato.segmentation.components import trait_positions
from mercato.segmentation.points import SCORE_DECIMALS, check_at_least

DENDROGRAM_SCHEMA = pa.schema(
    [
        ("step", pa.int64()),
        ("left_node", pa.int64()),
        ("right_node", pa.int64()),
        ("height", pa.float64()),
        ("customer_count", pa.int64()),
        ("segment_count", pa.int64()),
        ("merge_position", pa.float64()),
        ("left_position", pa.float64()),
        ("right_position", pa.float64()),
        ("left_height", pa.float64()),
        ("right_height", pa.float64()),
    ]
)


def ward_merges(points: np.ndarray) -> np.ndarray:
    """Return the n - 1 merges of points (n, d) as rows of left, right, height, size.

    Ward (1963): each step joins the two nodes whose union adds least to the sum of
    squared distances from the centres; the height is the root of twice what it adds.
    Nodes are the points 0..n-1 and the merges n, n + 1, ... in their order.
    """
    from scipy.cluster.hierarchy import linkage

    return linkage(points, method="ward") if len(points) > 1 else np.empty((0, 4))


def cut(merges: np.ndarray, count: int) -> np.ndarray:
    """Return the segment (n,) of each point once count segments, at most n, are left.

    >>> cut(np.array([[0, 1, 1.0, 2], [2, 3, 5.0, 3]]), 2).tolist()
    [1, 1, 0]
    """
    size = len(merges) + 1
    parent = np.arange(2 * size - 1)
    for step, (left, right) in enumerate(merges[: size - count, :2].astype(int)):
        parent[[left, right]] = size + step
    # A node comes after its parts, so that from the top down each parent is final.
    for node in range(len(parent) - 1, -1, -1):
        parent[node] = parent[parent[node]]
    return np.unique(parent[:size], return_inverse=True)[1]


def dendrogram(points: np.ndarray) -> pa.Table:
    """Return Ward's tree of points (n, d) with what is needed to draw it.

    One row per merge, sorted by step from 1, of DENDROGRAM_SCHEMA: the two nodes, the
    height of the merge and of its two parts (0 for a point), and where on the other
    axis they stand. Points stand at 0, 1, ... in an order in which no lines cross, a
    merge midway between its parts. customer_count is how many points the merge holds,
    segment_count how many segments are left after it.
    """
    merges = ward_merges(points)
    size = len(merges) + 1
    steps = np.arange(1, size)
    left, right = merges[:, :2].astype(int).T
    heights = np.concatenate([np.zeros(size), np.round(merges[:, 2], SCORE_DECIMALS)])
    positions = _positions(merges)
    columns = [
        steps,
        left,
        right,
        heights[size:],
        merges[:, 3].astype(int),
        size - steps,
        positions[size:],
        positions[left],
        positions[right],
        heights[left],
        heights[right],
    ]
    arrays = [
        pa.array(values, field.type)
        for values, field in zip(columns, DENDROGRAM_SCHEMA, strict=True)
    ]
    return pa.table(arrays, schema=DENDROGRAM_SCHEMA)


def trait_dendrogram(
    traits: pa.Table,
    *,
    explained_share: float = 0.7,
    max_components: int = 6,
    max_linked_rows: int = 1_000,
) -> pa.Table:
    """Return the dendrogram of customers by their retained principal components.

    traits, explained_share and max_components are those of trait_components. The tree,
    quadratic in its points, is that of at most max_linked_rows customers, evenly spaced
    in the order of their scores.

    Raises ValueError where max_linked_rows is below 1, and as trait_components does.
    """
    check_at_least("max_linked_rows", max_linked_rows, 1)
    points = trait_positions(traits, explained_share, max_components)
    return dendrogram(evenly_spaced(points, max_linked_rows))


def _positions(merges: np.ndarray) -> np.ndarray:
    """Return where each node stands (2 n - 1,)."""
    from scipy.cluster.hierarchy import leaves_list

    size = len(merges) + 1
    positions = np.zeros(2 * size - 1)
    if len(merges):
        positions[leaves_list(merges)] = np.arange(size)
    for step, (left, right) in enumerate(merges[:, :2].astype(int)):
        positions[size + step] = (positions[left] + positions[right]) / 2
    return positions
