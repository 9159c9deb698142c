"""Centres against scikit-learn, in full and by mini-batches."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from mercato.segmentation.kmeans import LLOYD, MINI_BATCH, fit_centres
from mercato.segmentation.representatives import assigned, of_centres


def inertia(points, centres):
    return np.sum((points - centres[assigned(points, of_centres(centres))]) ** 2)


def test_iris_has_the_published_inertia():
    points = load_iris().data
    found = fit_centres(points, 3, seed=0, full_batch_rows=1_000)
    assert found.algorithm == LLOYD
    assert inertia(points, found.points) == pytest.approx(78.8514, abs=1e-4)


def test_full_batches_are_those_of_scikit_learn(blobs):
    points = blobs(spread=1)
    model = KMeans(4, n_init=10, random_state=7).fit(points)
    centres = model.cluster_centers_[np.lexsort(model.cluster_centers_.T[::-1])]
    found = fit_centres(points, 4, seed=7, full_batch_rows=len(points))
    np.testing.assert_allclose(found.points, centres, atol=1e-9)


def test_mini_batches_come_close_to_full_ones(blobs):
    points = blobs(size=500, spread=0.5)
    full = fit_centres(points, 4, seed=0, full_batch_rows=2_000)
    batches = fit_centres(points, 4, seed=0, full_batch_rows=1_999)
    assert (full.algorithm, batches.algorithm) == (LLOYD, MINI_BATCH)
    ratio = inertia(points, batches.points) / inertia(points, full.points)
    assert 1 <= ratio < 1.02


@pytest.mark.parametrize("rows", [1, 100])
def test_fewer_points_than_centres_are_the_centres(rows):
    points = np.array([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]])
    found = fit_centres(points, 5, seed=0, full_batch_rows=rows)
    assert found.points.tolist() == [[0, 5], [1, 2]]
