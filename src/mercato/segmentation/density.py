"""Segments as places where many are close together; who is in none is noise."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mercato.segmentation.points import COORDINATE_DECIMALS, check_at_least
from mercato.segmentation.representatives import (
    DISTANCE_DECIMALS,
    NOISE,
    Representatives,
    of_members,
)

# Points that differ by less are one, so that no radius is below it.
_LEAST_RADIUS = 10.0**-COORDINATE_DECIMALS


class Dense(NamedTuple):
    """Segments (n,) of the points, NOISE among them, and who stands for them.

    radius is that within which a point's neighbours were counted; NaN where each point
    has its own.
    """

    segments: np.ndarray
    representatives: Representatives
    radius: float


def fit_dbscan(points: np.ndarray, min_neighbours: int) -> Dense:
    """Find the segments of points (n, d) by DBSCAN (Ester et al. 1996).

    A point with min_neighbours within the radius, itself included, is a core point, and
    core points within the radius of each other share a segment. Other points belong to
    the nearest core point within the radius, or are noise. The radius is the knee of
    the distances to the min_neighbours-th neighbour.

    Raises ValueError where min_neighbours is below 2.
    """
    from sklearn.cluster import DBSCAN

    check_at_least("min_neighbours", min_neighbours, 2)
    if len(points) < min_neighbours:
        return _all_noise(points)
    radius = float(_reach(_knee(_neighbour_distances(points, min_neighbours))))
    model = DBSCAN(eps=radius, min_samples=min_neighbours).fit(points)
    core = model.core_sample_indices_
    return Dense(
        model.labels_,
        of_members(points[core], model.labels_[core], np.full(len(core), radius)),
        radius,
    )


def fit_hdbscan(points: np.ndarray, min_neighbours: int, min_size: int) -> Dense:
    """Find the segments of points (n, d) by HDBSCAN (Campello et al. 2013).

    Segments are the most persistent of those that DBSCAN finds at all radii, each of at
    least min_size points. Every point stands for itself, noise included, as far as to
    its min_neighbours-th neighbour, itself included. A single segment is none.

    Raises ValueError where min_neighbours or min_size is below 2.
    """
    from sklearn.cluster import HDBSCAN

    check_at_least("min_neighbours", min_neighbours, 2)
    check_at_least("min_size", min_size, 2)
    if len(points) < max(min_neighbours, min_size):
        return _all_noise(points)
    model = HDBSCAN(min_cluster_size=min_size, min_samples=min_neighbours, copy=True)
    segments = model.fit(points).labels_
    reach = _reach(_neighbour_distances(points, min_neighbours))
    return Dense(segments, of_members(points, segments, reach), float("nan"))


def _neighbour_distances(points: np.ndarray, neighbours: int) -> np.ndarray:
    """Return each point's distance (n,) to its n-th neighbour, itself the first."""
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(points).query(points, k=neighbours)
    return distances[:, -1]


def _reach(distances: np.ndarray | float) -> np.ndarray:
    """Round distances up, as far as assigned tells them apart: none is missed."""
    above = np.ceil(np.asarray(distances) * 10**DISTANCE_DECIMALS)
    return np.maximum(above / 10**DISTANCE_DECIMALS, _LEAST_RADIUS)


def _knee(distances: np.ndarray) -> float:
    """Return the distance where the sorted curve turns upwards.

    That is the point furthest below the line from the first to the last, as in Kneedle
    (Satopaa et al. 2011) without smoothing.

    >>> _knee(np.array([1.0, 9.0, 1.0, 2.0, 1.0]))
    2.0
    """
    curve = np.sort(distances)
    span = curve[-1] - curve[0]
    if span == 0:
        return float(curve[0])
    along = np.arange(len(curve)) / (len(curve) - 1)
    return float(curve[np.argmax(along - (curve - curve[0]) / span)])


def _all_noise(points: np.ndarray) -> Dense:
    nobody = np.zeros(len(points), bool)
    segments = np.full(len(points), NOISE)
    return Dense(
        segments,
        Representatives(points[nobody], segments[nobody], np.empty(0)),
        float("nan"),
    )
