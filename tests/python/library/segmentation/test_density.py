"""DBSCAN and HDBSCAN against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.datasets import load_iris
from sklearn.metrics import adjusted_rand_score

from mercato.segmentation import density
from mercato.segmentation.density import fit_dbscan, fit_hdbscan
from mercato.segmentation.representatives import NOISE, assigned

LINE = np.array([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0], [50.0]])


def test_two_groups_on_a_line_by_hand():
    # Second neighbours lie at 2, 1, 2 twice, 38 of the last: the knee is at 2.
    found = fit_dbscan(LINE, 3)
    assert found.radius == 2
    assert found.segments.tolist() == [0, 0, 0, 1, 1, 1, NOISE]
    assert assigned(LINE, found.representatives).tolist() == found.segments.tolist()
    others = np.array([[3.9], [4.5], [8.0], [52.0]])
    assert assigned(others, found.representatives).tolist() == [0, NOISE, 1, NOISE]


def test_iris_at_the_published_radius(monkeypatch):
    monkeypatch.setattr(density, "_knee", lambda distances: 0.5)
    found = fit_dbscan(load_iris().data, 5)
    assert np.bincount(found.segments + 1).tolist() == [17, 49, 84]


def test_dbscan_is_that_of_scikit_learn(blobs):
    points = blobs(spread=0.7)
    found = fit_dbscan(points, 8)
    model = DBSCAN(eps=found.radius, min_samples=8).fit(points)
    assert (found.segments == model.labels_).all()
    served = assigned(points, found.representatives)
    assert (
        served[model.core_sample_indices_] == model.labels_[model.core_sample_indices_]
    ).all()
    assert ((served == NOISE) == (model.labels_ == NOISE)).all()


def test_hdbscan_is_that_of_scikit_learn(blobs):
    points = np.concatenate([blobs(), blobs()[:40] * 2 + 9])
    found = fit_hdbscan(points, 5, 12)
    model = HDBSCAN(min_cluster_size=12, min_samples=5, copy=True).fit(points)
    assert (found.segments == model.labels_).all()
    assert len(set(found.segments)) > 2
    assert (assigned(points, found.representatives) == found.segments).all()
    assert np.isnan(found.radius)


@pytest.mark.parametrize(
    "fit", [fit_dbscan, lambda points, n: fit_hdbscan(points, n, 5)]
)
def test_order_of_points_does_not_matter(blobs, fit):
    points = blobs(spread=0.6)
    order = np.random.default_rng(0).permutation(len(points))
    one, other = fit(points, 5), fit(points[order], 5)
    served = assigned(points[order], other.representatives)
    assert (
        adjusted_rand_score(assigned(points, one.representatives)[order], served) == 1
    )


@pytest.mark.parametrize(
    "fit", [fit_dbscan, lambda points, n: fit_hdbscan(points, n, 5)]
)
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_too_few_points_are_noise(fit, rows):
    found = fit(np.arange(2.0 * rows).reshape(rows, 2), 5)
    assert found.segments.tolist() == [NOISE] * rows
    assert assigned(np.zeros((1, 2)), found.representatives).tolist() == [NOISE]


def test_equal_points_are_one_dense_place():
    same = np.ones((9, 2))
    found = fit_dbscan(same, 5)
    assert found.segments.tolist() == [0] * 9
    assert len(found.representatives.points) == 1
    # HDBSCAN tells segments apart; where there is one, there is none.
    assert fit_hdbscan(same, 5, 5).segments.tolist() == [NOISE] * 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_dbscan(LINE, 1), r"min_neighbours == 1, must be >= 2\."),
        (lambda: fit_hdbscan(LINE, 1, 3), r"min_neighbours == 1, must be >= 2\."),
        (lambda: fit_hdbscan(LINE, 2, 1), r"min_size == 1, must be >= 2\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(call, message):
    with pytest.raises(ValueError, match=message):
        call()
