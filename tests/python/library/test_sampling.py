"""Samples without chance: as many as asked for, spread over all."""

import numpy as np
import pytest

from mercato.sampling import evenly_spaced


@pytest.mark.parametrize(
    ("count", "limit", "expected"),
    [(0, 5, []), (3, 5, [0, 1, 2]), (10, 4, [0, 2, 5, 7]), (10, 0, [])],
)
def test_values_are_as_far_apart_as_they_can_be(count, limit, expected):
    assert evenly_spaced(np.arange(count), limit).tolist() == expected


def test_rows_of_points_stay_whole():
    points = np.arange(12.0).reshape(6, 2)
    assert evenly_spaced(points, 3).tolist() == [[0, 1], [4, 5], [8, 9]]
