"""A segmentation as a small table of points, each with a segment and a reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NOISE = -1
# As in SQL, where distances that differ by less are equal.
DISTANCE_DECIMALS = 9
_BLOCK_ROWS = 2_000


class Representatives(NamedTuple):
    """Points (m, d) that stand for segments (m,); NOISE is one of them.

    Whatever lies within reach (m,) of a point may belong to its segment. The reach of a
    centre is infinite: everybody belongs to the segment of the nearest.
    """

    points: np.ndarray
    segments: np.ndarray
    reach: np.ndarray


def of_centres(centres: np.ndarray) -> Representatives:
    """Let each centre (k, d) stand for a segment, numbered from 0 in their order."""
    count = len(centres)
    return Representatives(centres, np.arange(count), np.full(count, np.inf))


def of_members(
    points: np.ndarray, segments: np.ndarray, reach: np.ndarray
) -> Representatives:
    """Let members (n, d) stand for their segments, each place once."""
    _, first = np.unique(points, axis=0, return_index=True)
    return Representatives(points[first], segments[first], reach[first])


def assigned(points: np.ndarray, representatives: Representatives) -> np.ndarray:
    """Return the segment (n,) of each point (n, d).

    It is that of the nearest representative within whose reach the point lies, the
    first of them in a tie, and NOISE where there is none.

    >>> two = Representatives(np.array([[0.0], [4.0]]), np.array([0, 1]), np.ones(2))
    >>> assigned(np.array([[0.9], [2.0], [4.5]]), two).tolist()
    [0, -1, 1]
    """
    from scipy.spatial.distance import cdist

    segments = np.full(len(points), NOISE)
    if len(representatives.points) == 0:
        return segments
    for start in range(0, len(points), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        distances = cdist(points[block], representatives.points)
        distances = np.round(distances, DISTANCE_DECIMALS)
        distances[distances > representatives.reach] = np.inf
        nearest = np.argmin(distances, axis=1)
        is_reached = np.isfinite(distances[np.arange(len(nearest)), nearest])
        segments[block] = np.where(is_reached, representatives.segments[nearest], NOISE)
    return segments


def by_size(segments: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return segments (n,) numbered from 0, the largest first; NOISE stays.

    Segments of one size go by their centre, so that the numbers do not depend on those
    that came in.

    >>> points = np.array([[0.0], [1.0], [1.0], [9.0]])
    >>> by_size(np.array([7, 5, 5, -1]), points).tolist()
    [1, 0, 0, -1]
    """
    names = np.unique(segments[segments != NOISE])
    keys = [
        (-np.sum(segments == name), *points[segments == name].mean(axis=0))
        for name in names
    ]
    numbers = np.full(len(segments), NOISE)
    for number, place in enumerate(sorted(range(len(names)), key=keys.__getitem__)):
        numbers[segments == names[place]] = number
    return numbers


def renumbered(representatives: Representatives, points: np.ndarray) -> Representatives:
    """Return them numbered by how many of the points (n, d) are in each (see by_size).

    Segments that none of them is in come last. Representatives are sorted by segment
    and then by their coordinates.
    """
    segments = assigned(points, representatives)
    found, first = np.unique(segments, return_index=True)
    numbers = {NOISE: NOISE}
    numbers |= dict(zip(found, by_size(segments, points)[first], strict=True))
    for segment in np.unique(representatives.segments):
        numbers.setdefault(segment, max(numbers.values()) + 1)
    new = np.array([numbers[segment] for segment in representatives.segments], int)
    order = np.lexsort((*representatives.points.T[::-1], new))
    places, _, reach = representatives
    return Representatives(places[order], new[order], reach[order])


def centres_of(points: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Return the mean (k, d) of each segment 0..k-1; noise has none."""
    count = segments.max(initial=NOISE) + 1
    means = [points[segments == segment].mean(axis=0) for segment in range(count)]
    return np.array(means).reshape(count, points.shape[1])
