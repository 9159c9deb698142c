"""How well segments divide points, and whether others like them would find the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mercato.sampling import evenly_spaced
from mercato.segmentation.points import rounded
from mercato.segmentation.representatives import NOISE, Representatives, assigned


class Criteria(NamedTuple):
    """Criteria of a segmentation, rounded to 10 decimals; NaN where undefined.

    silhouette: -1 to 1, higher is better (Rousseeuw 1987).
    davies_bouldin: 0 or more, lower is better (Davies and Bouldin 1979).
    calinski_harabasz: 0 or more, higher is better (Calinski and Harabasz 1974).
    """

    silhouette: float
    davies_bouldin: float
    calinski_harabasz: float


def judged(points: np.ndarray, segments: np.ndarray, silhouette_rows: int) -> Criteria:
    """Judge segments (n,) of points (n, d); noise is left out.

    The silhouette, quadratic in its rows, is that of at most silhouette_rows points,
    evenly spaced. A single segment, or as many as points, has no criteria.
    """
    from sklearn.metrics import (
        calinski_harabasz_score,
        davies_bouldin_score,
        silhouette_score,
    )

    points, segments = points[segments != NOISE], segments[segments != NOISE]
    sample = evenly_spaced(points, silhouette_rows)
    of_sample = evenly_spaced(segments, silhouette_rows)
    return Criteria(
        _criterion(silhouette_score, sample, of_sample),
        _criterion(davies_bouldin_score, points, segments),
        _criterion(calinski_harabasz_score, points, segments),
    )


def stability(
    points: np.ndarray,
    segments: np.ndarray,
    refit: Callable[[np.ndarray], Representatives],
    bootstrap_count: int,
    seed: int,
) -> float:
    """Return the mean adjusted Rand index of segments (n,) and of those of refits.

    Each refit sees a bootstrap sample of the points (n, d), in which a point that is
    drawn several times counts once (Hennig 2007: copies would be dense by themselves),
    and then divides all points. 1 = always the same, 0 = no better than chance. NaN
    without a refit or with fewer than two points.
    """
    from sklearn.metrics import adjusted_rand_score

    if len(points) < 2 or bootstrap_count == 0:
        return float("nan")
    chance = np.random.default_rng(seed)
    indices = []
    for _ in range(bootstrap_count):
        drawn = np.unique(chance.integers(len(points), size=len(points)))
        again = assigned(points, refit(points[drawn]))
        indices.append(adjusted_rand_score(segments, again))
    return rounded(np.mean(indices))


def highest(criteria: dict[int, Criteria]) -> int:
    """Return the segment count of the highest silhouette, the smallest in a tie."""

    def rank(count: int) -> tuple[float, int]:
        silhouette = criteria[count].silhouette
        return (-np.inf if np.isnan(silhouette) else silhouette), -count

    return max(criteria, key=rank)


def _criterion(score: Callable, points: np.ndarray, segments: np.ndarray) -> float:
    if not 2 <= len(np.unique(segments)) < len(points):
        return float("nan")
    return rounded(score(points, segments))
