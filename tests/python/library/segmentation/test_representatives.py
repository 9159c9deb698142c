"""Who belongs to whom, against a brute-force search."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances_argmin

from mercato.segmentation.representatives import (
    NOISE,
    Representatives,
    assigned,
    by_size,
    centres_of,
    of_centres,
    of_members,
    renumbered,
)


def test_centres_take_whoever_is_nearest():
    chance = np.random.default_rng(0)
    points, centres = chance.normal(size=(5_000, 3)), chance.normal(size=(7, 3))
    nearest = pairwise_distances_argmin(points, centres)
    assert (assigned(points, of_centres(centres)) == nearest).all()


def test_reach_is_searched_as_by_brute_force():
    chance = np.random.default_rng(1)
    points, places = chance.normal(size=(200, 2)), chance.normal(size=(30, 2))
    segments, reach = chance.integers(3, size=30), chance.uniform(0, 0.4, 30)
    expected = []
    for point in points:
        distances = np.linalg.norm(places - point, axis=1)
        within = [i for i in np.argsort(distances) if distances[i] <= reach[i]]
        expected.append(segments[within[0]] if within else NOISE)
    found = assigned(points, Representatives(places, segments, reach))
    assert found.tolist() == expected


def test_the_first_of_the_equally_near_wins():
    two = Representatives(np.array([[0.0], [2.0]]), np.array([5, 4]), np.ones(2))
    assert assigned(np.array([[1.0]]), two).tolist() == [5]


def test_nobody_stands_for_anything():
    none = Representatives(np.empty((0, 2)), np.empty(0, int), np.empty(0))
    assert assigned(np.zeros((3, 2)), none).tolist() == [NOISE] * 3
    assert assigned(np.zeros((0, 2)), of_centres(np.zeros((1, 2)))).tolist() == []


def test_members_of_one_place_stand_once():
    points = np.array([[1.0], [0.0], [1.0]])
    members = of_members(points, np.array([0, 1, 0]), np.array([0.5, 0.1, 0.5]))
    assert members.points.tolist() == [[0.0], [1.0]]
    assert members.segments.tolist() == [1, 0]


@pytest.mark.parametrize("names", [(0, 1, 2), (2, 0, 1), (9, 4, 7)])
def test_numbers_do_not_depend_on_those_that_came_in(names):
    points = np.array([[3.0], [3.1], [1.0], [0.0], [8.0]])
    given = np.array([names[0], names[0], names[1], names[2], NOISE])
    assert by_size(given, points).tolist() == [0, 0, 2, 1, NOISE]


def test_renumbering_keeps_who_belongs_together():
    centres = of_centres(np.array([[0.0], [10.0], [99.0]]))
    points = np.array([[1.0], [9.0], [11.0]])
    found = renumbered(centres, points)
    assert found.points.tolist() == [[10.0], [0.0], [99.0]]
    assert found.segments.tolist() == [0, 1, 2]
    assert assigned(points, found).tolist() == [1, 0, 0]


def test_centres_are_means_without_noise():
    points = np.array([[0.0, 2.0], [2.0, 4.0], [7.0, 7.0], [50.0, 50.0]])
    segments = np.array([0, 0, 1, NOISE])
    assert centres_of(points, segments).tolist() == [[1, 3], [7, 7]]
    assert centres_of(points, np.full(4, NOISE)).shape == (0, 2)
