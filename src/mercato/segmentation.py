"""Customer segments by k-means, named after the archetypes they resemble."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

FEATURES = ("recency_z", "frequency_z", "monetary_z")
SCORE_DECIMALS = 10

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
        ("is_selected", pa.bool_()),
    ]
)


class _Clustering(NamedTuple):
    """The clusters of one segment count with its criteria, NaN where undefined."""

    centres: np.ndarray
    customer_counts: np.ndarray
    inertia: float
    silhouette: float
    davies_bouldin: float
    calinski_harabasz: float


def kmeans_segments(
    features: pa.Table,
    archetypes: pa.Table,
    *,
    min_segments: int = 3,
    max_segments: int = 8,
    seed: int = 0,
    max_fit_rows: int = 50_000,
    silhouette_rows: int = 5_000,
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
    does not matter. Inertia, Davies-Bouldin and Calinski-Harabasz are computed over all
    customers, the silhouette over at most silhouette_rows of them; each is rounded to
    10 decimals, repeated on the rows of its count and null where undefined (one
    cluster, or as many as customers). The count of the highest silhouette is selected,
    the smaller one in a tie or without any silhouette.

    Segment counts above the number of distinct points are left out; where even
    min_segments is, the distinct points are the clusters. No rows give no rows.

    Raises ValueError where counts are below 1 or silhouette_rows below 2, max_segments
    is below min_segments or above the number of archetypes, a segment_id comes twice,
    or a feature is null or not finite.
    """
    _check_at_least("min_segments", min_segments, 1)
    _check_at_least("max_segments", max_segments, min_segments)
    _check_at_least("max_fit_rows", max_fit_rows, max_segments)
    _check_at_least("silhouette_rows", silhouette_rows, 2)
    points = _points("features", features)
    if len(points) == 0:
        return SEGMENTS_SCHEMA.empty_table()
    segment_ids, ideals = _archetypes(archetypes)
    if max_segments > len(ideals):
        raise ValueError(
            f"max_segments == {max_segments}, "
            f"must be <= {len(ideals)}, the number of archetypes."
        )
    points = points[np.lexsort(points.T[::-1])]
    fitted = _evenly_spaced(points, max_fit_rows)
    distinct = len(np.unique(fitted, axis=0))
    clusterings = {}
    # More threads would sum distances in an order that differs between runs.
    with threadpool_limits(1):
        for count in range(
            min(min_segments, distinct), min(max_segments, distinct) + 1
        ):
            centres = _fit(fitted, count, seed)
            clusterings[count] = _judged(points, centres, silhouette_rows)
    selected = max(
        clusterings, key=lambda count: (_rank_key(clusterings[count]), -count)
    )
    return pa.concat_tables(
        [
            _segment_rows(count, clustering, segment_ids, ideals, count == selected)
            for count, clustering in clusterings.items()
        ]
    )


def _check_at_least(name: str, value: int, bound: int) -> None:
    if value < bound:
        raise ValueError(f"{name} == {value}, must be >= {bound}.")


def _points(name: str, table: pa.Table) -> np.ndarray:
    """Read the three features as a float64 array of one row each."""
    columns = [table[feature].cast(pa.float64()).to_numpy() for feature in FEATURES]
    points = np.column_stack(columns) + 0.0
    if not np.isfinite(points).all():
        row, column = np.argwhere(~np.isfinite(points))[0]
        raise ValueError(
            f"{FEATURES[column]} == {points[row, column]} in row {row} of {name}, "
            "must be finite."
        )
    return points


def _archetypes(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Read the archetypes in the order of their ids."""
    ids = np.array(table["segment_id"].cast(pa.string()).to_pylist(), dtype=object)
    ideals = _points("archetypes", table)
    if len(set(ids)) < len(ids):
        raise ValueError(
            f"count of distinct segment_id == {len(set(ids))}, must be >= {len(ids)}."
        )
    order = np.argsort(ids)
    return ids[order], ideals[order]


def _evenly_spaced(points: np.ndarray, limit: int) -> np.ndarray:
    if len(points) <= limit:
        return points
    return points[np.arange(limit) * len(points) // limit]


def _fit(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Find the cluster centres, sorted so that their numbering is reproducible."""
    # Imported late: scikit-learn takes seconds to load.
    from sklearn.cluster import KMeans

    model = KMeans(n_clusters=count, n_init=10, random_state=seed).fit(points)
    centres = np.round(model.cluster_centers_, SCORE_DECIMALS) + 0.0
    return centres[np.lexsort(centres.T[::-1])]


def _judged(
    points: np.ndarray, centres: np.ndarray, silhouette_rows: int
) -> _Clustering:
    """Assign every customer to the nearest centre and compute the criteria."""
    from sklearn.metrics import (
        calinski_harabasz_score,
        davies_bouldin_score,
        pairwise_distances_argmin_min,
        silhouette_score,
    )

    labels, distances = pairwise_distances_argmin_min(points, centres)
    sample = _evenly_spaced(points, silhouette_rows)
    sample_labels = _evenly_spaced(labels, silhouette_rows)
    criteria = [
        _criterion(silhouette_score, sample, sample_labels),
        _criterion(davies_bouldin_score, points, labels),
        _criterion(calinski_harabasz_score, points, labels),
    ]
    return _Clustering(
        centres,
        np.bincount(labels, minlength=len(centres)),
        round(float(np.sum(distances**2)), SCORE_DECIMALS),
        *criteria,
    )


def _criterion(score, points: np.ndarray, labels: np.ndarray) -> float:
    if not 2 <= len(np.unique(labels)) < len(points):
        return float("nan")
    return round(float(score(points, labels)), SCORE_DECIMALS)


def _rank_key(clustering: _Clustering) -> float:
    undefined = np.isnan(clustering.silhouette)
    return -np.inf if undefined else clustering.silhouette


def _segment_rows(
    count: int,
    clustering: _Clustering,
    segment_ids: np.ndarray,
    ideals: np.ndarray,
    is_selected: bool,
) -> pa.Table:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    _, matched = linear_sum_assignment(cdist(clustering.centres, ideals))
    repeated = [
        clustering.inertia,
        clustering.silhouette,
        clustering.davies_bouldin,
        clustering.calinski_harabasz,
    ]
    columns = [
        np.full(count, count),
        np.arange(count),
        segment_ids[matched].tolist(),
        *clustering.centres.T,
        clustering.customer_counts,
        *[np.full(count, value) for value in repeated],
        np.full(count, is_selected),
    ]
    arrays = [
        pa.array(values, type=field.type, from_pandas=True)
        for values, field in zip(columns, SEGMENTS_SCHEMA, strict=True)
    ]
    return pa.table(arrays, schema=SEGMENTS_SCHEMA)
