"""Customer segments by k-means, named after the archetypes they resemble."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.sampling import evenly_spaced
from mercato.segmentation.criteria import Criteria, highest, judged, stability
from mercato.segmentation.kmeans import Centres, fit_centres
from mercato.segmentation.points import (
    check_at_least,
    distinct_count,
    ordered,
    rounded,
)
from mercato.segmentation.representatives import of_centres
from mercato.threads import one_thread

FEATURES = ("recency_z", "frequency_z", "monetary_z")
# More customers tell the centres no better.
MAX_FIT_ROWS = 200_000
# Refits are many, and begin where k-means++ begins: few starts are enough.
_BOOTSTRAP_STARTS = 3

SEGMENTS_SCHEMA = pa.schema(
    [
        ("segment_count", pa.int32()),
        ("cluster_index", pa.int32()),
        ("segment_id", pa.string()),
        ("recency_z", pa.float64()),
        ("frequency_z", pa.float64()),
        ("monetary_z", pa.float64()),
        ("customer_count", pa.int64()),
        ("inertia", pa.float64()),
        ("silhouette_score", pa.float64()),
        ("davies_bouldin_score", pa.float64()),
        ("calinski_harabasz_score", pa.float64()),
        ("stability_score", pa.float64()),
        ("algorithm", pa.string()),
        ("is_selected", pa.bool_()),
    ]
)


class _Clustering(NamedTuple):
    """The clusters of one segment count, how many are in each, and how good it is."""

    centres: Centres
    customer_counts: np.ndarray
    inertia: float
    criteria: Criteria
    stability: float


def kmeans_segments(
    features: pa.Table,
    archetypes: pa.Table,
    *,
    min_segments: int = 3,
    max_segments: int = 8,
    seed: int = 0,
    max_fit_rows: int = MAX_FIT_ROWS,
    full_batch_rows: int = 50_000,
    silhouette_rows: int = 5_000,
    bootstrap_count: int = 10,
) -> pa.Table:
    """Cluster customers for each segment count and select one count by silhouette.

    features and archetypes both have recency_z, frequency_z and monetary_z
    (standardised, without unit), one customer or one archetype a row; archetypes also
    has segment_id. The result has one row per segment count and cluster, sorted by
    both: the centre, the customers nearest to it and the archetype matched to it, each
    archetype at most once for a segment count and their distances summing to the least
    possible (Hungarian assignment). So a segment_id keeps its meaning between builds.

    k-means with k-means++, ten starts and the seed is fitted on at most max_fit_rows
    customers, evenly spaced in the order of their features, so that the order of rows
    does not matter; by mini-batches past full_batch_rows. Inertia, Davies-Bouldin and
    Calinski-Harabasz are computed over all customers, the silhouette and the stability
    (mean adjusted Rand index of bootstrap_count refits, see criteria.stability) over at
    most silhouette_rows of them; each is rounded to 10 decimals, repeated on the rows
    of its count and null where undefined (one cluster, or as many as customers). The
    count of the highest silhouette is selected, the smaller one in a tie or without any
    silhouette.

    Segment counts above the number of distinct points are left out; where even
    min_segments is, the distinct points are the clusters. No rows give no rows.

    Raises ValueError where counts are below 1, bootstrap_count below 0 or
    silhouette_rows below 2, max_segments is below min_segments or above the number of
    archetypes, a segment_id comes twice, or a feature is null or not finite.
    """
    check_at_least("min_segments", min_segments, 1)
    check_at_least("max_segments", max_segments, min_segments)
    check_at_least("max_fit_rows", max_fit_rows, max_segments)
    check_at_least("full_batch_rows", full_batch_rows, 1)
    check_at_least("silhouette_rows", silhouette_rows, 2)
    check_at_least("bootstrap_count", bootstrap_count, 0)
    points = points_of("features", features)
    if len(points) == 0:
        return SEGMENTS_SCHEMA.empty_table()
    segment_ids, ideals = _archetypes(archetypes, max_segments)
    points = ordered(points)
    fitted = evenly_spaced(points, max_fit_rows)
    distinct = distinct_count(fitted)

    def fit(sample: np.ndarray, count: int, starts: int) -> Centres:
        return fit_centres(
            sample, count, seed=seed, full_batch_rows=full_batch_rows, starts=starts
        )

    def clustering(count: int) -> _Clustering:
        centres = fit(fitted, count, 10)
        refits = partial(fit, count=count, starts=_BOOTSTRAP_STARTS)
        return _judged(points, centres, refits, silhouette_rows, bootstrap_count, seed)

    with one_thread():
        counts = range(min(min_segments, distinct), min(max_segments, distinct) + 1)
        clusterings = {count: clustering(count) for count in counts}
    selected = highest({count: found.criteria for count, found in clusterings.items()})
    return pa.concat_tables(
        [
            _segment_rows(found, segment_ids, ideals, count == selected)
            for count, found in clusterings.items()
        ]
    )


def points_of(name: str, table: pa.Table) -> np.ndarray:
    """Read the three features as a float64 array (n, 3) of one row each.

    Raises ValueError where one is null or not finite; name is what the table is called.
    """
    columns = [table[feature].cast(pa.float64()).to_numpy() for feature in FEATURES]
    points = np.column_stack(columns) + 0.0
    if not np.isfinite(points).all():
        row, column = np.argwhere(~np.isfinite(points))[0]
        raise ValueError(
            f"{FEATURES[column]} == {points[row, column]} in row {row} of {name}, "
            "must be finite."
        )
    return points


def _archetypes(table: pa.Table, max_segments: int) -> tuple[np.ndarray, np.ndarray]:
    """Read the archetypes in the order of their ids."""
    ids = np.array(table["segment_id"].cast(pa.string()).to_pylist(), dtype=object)
    ideals = points_of("archetypes", table)
    if len(set(ids)) < len(ids):
        raise ValueError(
            f"count of distinct segment_id == {len(set(ids))}, must be >= {len(ids)}."
        )
    if max_segments > len(ideals):
        raise ValueError(
            f"max_segments == {max_segments}, "
            f"must be <= {len(ideals)}, the number of archetypes."
        )
    order = np.argsort(ids)
    return ids[order], ideals[order]


def _judged(
    points: np.ndarray,
    centres: Centres,
    fit: Callable[[np.ndarray], Centres],
    silhouette_rows: int,
    bootstrap_count: int,
    seed: int,
) -> _Clustering:
    """Assign every customer to the nearest centre and compute the criteria."""
    from sklearn.metrics import pairwise_distances_argmin_min

    labels, distances = pairwise_distances_argmin_min(points, centres.points)
    return _Clustering(
        centres,
        np.bincount(labels, minlength=len(centres.points)),
        rounded(np.sum(distances**2)),
        judged(points, labels, silhouette_rows),
        stability(
            evenly_spaced(points, silhouette_rows),
            evenly_spaced(labels, silhouette_rows),
            lambda sample: of_centres(fit(sample).points),
            bootstrap_count,
            seed,
        ),
    )


def _segment_rows(
    clustering: _Clustering,
    segment_ids: np.ndarray,
    ideals: np.ndarray,
    is_selected: bool,
) -> pa.Table:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    centres, algorithm = clustering.centres
    count = len(centres)
    _, matched = linear_sum_assignment(cdist(centres, ideals))
    repeated = [clustering.inertia, *clustering.criteria, clustering.stability]
    columns = [
        np.full(count, count),
        np.arange(count),
        segment_ids[matched].tolist(),
        *centres.T,
        clustering.customer_counts,
        *[np.full(count, value) for value in repeated],
        [algorithm] * count,
        np.full(count, is_selected),
    ]
    arrays = [
        pa.array(values, type=field.type, from_pandas=True)
        for values, field in zip(columns, SEGMENTS_SCHEMA, strict=True)
    ]
    return pa.table(arrays, schema=SEGMENTS_SCHEMA)
