"""k-means: the centres from which squared distances are least."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mercato.segmentation.points import SCORE_DECIMALS, distinct_count

LLOYD = "lloyd"
MINI_BATCH = "mini_batch"


class Centres(NamedTuple):
    """Centres (k, d), sorted by their coordinates, and what algorithm found them."""

    points: np.ndarray
    algorithm: str


def fit_centres(
    points: np.ndarray, count: int, *, seed: int, full_batch_rows: int, starts: int = 10
) -> Centres:
    """Find the centres of at most count segments of points (n, d), n at least 1.

    k-means++ with several starts; Lloyd's algorithm (1982) on at most full_batch_rows
    points, beyond that mini-batches (Sculley 2010), whose time does not grow with n.
    Fewer different points than count are the centres themselves.
    """
    # Imported late: scikit-learn takes seconds to load.
    from sklearn.cluster import KMeans, MiniBatchKMeans

    count = min(count, distinct_count(points))
    is_full = len(points) <= full_batch_rows
    kind = KMeans if is_full else MiniBatchKMeans
    model = kind(n_clusters=count, n_init=starts, random_state=seed).fit(points)
    centres = np.round(model.cluster_centers_, SCORE_DECIMALS) + 0.0
    centres = centres[np.lexsort(centres.T[::-1])]
    return Centres(centres, LLOYD if is_full else MINI_BATCH)
