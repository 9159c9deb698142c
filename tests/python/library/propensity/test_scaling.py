import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from mercato.propensity.scaling import (
    design_of,
    merged,
    moments_of,
    no_moments,
    standardised,
)


@pytest.fixture
def features():
    rng = np.random.default_rng(7)
    features = rng.lognormal(1, 2, (200, 4)) * rng.choice([-1, 1], (200, 4))
    features[rng.random(features.shape) < 0.2] = np.nan
    return features


def test_scale_is_that_of_scikit_learn(features):
    design = design_of(features)
    expected = StandardScaler().fit_transform(design)
    found = standardised(design, moments_of(design))
    np.testing.assert_allclose(found, np.nan_to_num(expected), atol=1e-12)


def test_parts_merge_to_the_whole(features):
    design = design_of(features)
    found = no_moments(design.shape[1])
    for part in np.array_split(design, [0, 3, 50, 51]):
        found = merged(found, moments_of(part))
    for one, other in zip(found, moments_of(design), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_constants_and_what_is_never_known_are_zero():
    design = design_of(np.array([[0.1, np.nan], [0.1, np.nan], [0.1, np.nan]]))
    moments = moments_of(design)
    assert not moments.squares.any()
    assert not standardised(design, moments).any()
    assert not standardised(design_of(np.array([[9.0, 5.0]])), moments).any()


def test_a_value_that_was_never_missing_may_be_missing_later():
    learned = moments_of(design_of(np.array([[1.0], [3.0]])))
    np.testing.assert_array_equal(
        standardised(design_of(np.array([[np.nan]])), learned), [[0.0, 0.0]]
    )


def test_no_rows_have_no_moments():
    moments = moments_of(np.empty((0, 2)))
    assert [column.tolist() for column in moments] == [[0, 0]] * 3
