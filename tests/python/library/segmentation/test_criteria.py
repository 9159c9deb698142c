"""Criteria against scikit-learn, and stability at its two ends."""

import numpy as np
import pytest
from sklearn import metrics

from mercato.segmentation.criteria import Criteria, highest, judged, stability
from mercato.segmentation.kmeans import fit_centres
from mercato.segmentation.representatives import NOISE, assigned, of_centres

NAN = float("nan")


def test_criteria_agree_with_scikit_learn_without_noise(blobs):
    points = blobs(spread=1.5)
    segments = np.repeat([0, 1, 2, NOISE], 40)
    kept, of_kept = points[:120], segments[:120]
    found = judged(points, segments, silhouette_rows=1_000)
    assert found.silhouette == pytest.approx(metrics.silhouette_score(kept, of_kept))
    assert found.davies_bouldin == pytest.approx(
        metrics.davies_bouldin_score(kept, of_kept)
    )
    assert found.calinski_harabasz == pytest.approx(
        metrics.calinski_harabasz_score(kept, of_kept)
    )


@pytest.mark.parametrize("segments", [[0, 0, 0], [0, 1, 2], [NOISE] * 3, [0, 0, NOISE]])
def test_one_segment_or_as_many_as_points_have_no_criteria(segments):
    found = judged(np.arange(3.0)[:, None], np.array(segments), silhouette_rows=10)
    np.testing.assert_array_equal(found, [NAN] * 3)


def kmeans(points, count, seed=0):
    centres = fit_centres(points, count, seed=seed, full_batch_rows=10_000)
    return of_centres(centres.points)


def test_clear_segments_are_found_again_in_every_sample(blobs):
    points = blobs(spread=0.1)
    segments = assigned(points, kmeans(points, 4))
    refit = lambda sample: kmeans(sample, 4)  # noqa: E731
    assert stability(points, segments, refit, 5, seed=0) == 1


def test_segments_of_a_cloud_are_found_otherwise_each_time():
    points = np.random.default_rng(0).uniform(size=(300, 2))
    segments = assigned(points, kmeans(points, 7))
    refit = lambda sample: kmeans(sample, 7)  # noqa: E731
    assert 0 < stability(points, segments, refit, 5, seed=0) < 0.9


def test_segments_at_random_are_as_stable_as_chance():
    points = np.random.default_rng(0).normal(size=(500, 2))
    chance = np.random.default_rng(1)
    refit = lambda sample: of_centres(chance.normal(size=(3, 2)))  # noqa: E731
    by_lot = chance.integers(3, size=500)
    assert abs(stability(points, by_lot, refit, 10, seed=0)) < 0.02


def test_stability_is_the_mean_of_adjusted_rand_indices():
    points, segments = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([0, 0, 1, 1])
    seen = []

    def refit(sample):
        assert len(np.unique(sample, axis=0)) == len(sample)
        seen.append(sample)
        return of_centres(np.array([[0.5], [5.5]]) if len(seen) % 2 else [[3.0]])

    assert stability(points, segments, refit, 4, seed=3) == 0.5
    assert len(seen) == 4


def test_no_refit_and_no_second_point_have_no_stability():
    points, segments = np.zeros((2, 1)), np.zeros(2, int)
    for few, count in ((points, 0), (points[:1], 5)):
        found = stability(few, segments[: len(few)], lambda sample: sample, count, 0)
        assert np.isnan(found)


def test_the_highest_silhouette_wins_and_the_fewer_in_a_tie():
    values = {2: NAN, 3: 0.4, 4: 0.6, 5: 0.6}
    criteria = {k: Criteria(value, 1.0, 1.0) for k, value in values.items()}
    assert highest(criteria) == 4
    assert highest({1: Criteria(NAN, NAN, NAN), 2: Criteria(NAN, NAN, NAN)}) == 1
