"""Components against scikit-learn, published ratios and their own definitions."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, FastICA

from mercato.segmentation.components import (
    LOADINGS_SCHEMA,
    independent_components,
    principal_components,
    retained_count,
    trait_components,
    trait_positions,
)


def sources(size=2_000):
    """Make two mixtures of a uniform and a two-sided exponential source."""
    chance = np.random.default_rng(0)
    hidden = np.column_stack([chance.uniform(-1, 1, size), chance.laplace(size=size)])
    return hidden, hidden @ np.array([[1.0, 0.5, 0.2], [0.3, 1.0, -0.4]])


def test_iris_has_the_published_ratios():
    ratio = principal_components(load_iris().data).ratio
    assert np.round(ratio, 4).tolist() == [0.9246, 0.0531, 0.0171, 0.0052]


def test_two_points_lie_on_one_component():
    found = principal_components(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(found.weights, [[0.6, 0.8]])
    np.testing.assert_allclose(found.variance, [12.5])
    np.testing.assert_allclose(found.loadings, [[1, 1]])
    assert found.ratio.tolist() == [1]


def test_principal_components_are_those_of_scikit_learn_but_for_signs():
    points = load_iris().data
    found, model = principal_components(points), PCA().fit(points)
    np.testing.assert_allclose(np.abs(found.weights), np.abs(model.components_))
    np.testing.assert_allclose(found.variance, model.explained_variance_)
    np.testing.assert_allclose(found.means, model.mean_)


def test_independent_components_are_those_of_scikit_learn_but_for_signs_and_order():
    _, mixed = sources()
    found = independent_components(mixed, 2, seed=3)
    model = FastICA(2, whiten="unit-variance", random_state=3, max_iter=500).fit(mixed)
    by_weight = np.argsort(np.abs(found.weights[:, 0]))
    by_model = np.argsort(np.abs(model.components_[:, 0]))
    np.testing.assert_allclose(
        np.abs(found.weights[by_weight]), np.abs(model.components_[by_model])
    )
    assert found.is_converged


def test_independent_components_find_the_sources():
    hidden, mixed = sources()
    found = independent_components(mixed, 2, seed=0)
    scores = (mixed - found.means) @ found.weights.T
    match = np.abs(np.corrcoef(scores.T, hidden.T)[:2, 2:])
    assert match.max(axis=1).min() > 0.99
    assert set(match.argmax(axis=1)) == {0, 1}
    np.testing.assert_allclose(scores.var(axis=0), [1, 1])
    # The two explain all that two principal components do.
    assert found.ratio.sum() == pytest.approx(1)
    assert found.variance[0] > found.variance[1]


@pytest.mark.parametrize("find", [principal_components, None])
def test_loadings_are_correlations_and_the_largest_is_positive(find):
    points = load_iris().data
    found = find(points) if find else independent_components(points, 3, seed=0)
    scores = (points - found.means) @ found.weights.T
    count = len(found.weights)
    expected = np.corrcoef(scores.T, points.T)[:count, count:]
    np.testing.assert_allclose(found.loadings, expected, atol=1e-8)


def test_no_independent_direction_is_said_without_a_warning(recwarn):
    chance = np.random.default_rng(0)
    found = independent_components(chance.normal(size=(60, 5)), 5, seed=0)
    assert found.is_converged in (True, False)
    assert len(recwarn) == 0


@pytest.mark.parametrize(
    ("share", "limit", "count"), [(0.5, 6, 1), (0.75, 6, 2), (1, 6, 4), (1, 3, 3)]
)
def test_as_many_are_retained_as_explain_the_share(share, limit, count):
    assert retained_count(np.array([0.5, 0.25, 0.15, 0.1]), share, limit) == count


def test_rows_say_how_to_compute_scores(blobs, as_rows):
    matrix = blobs(spread=1.5)
    rows = trait_components(as_rows(matrix), explained_share=0.6).to_pandas()
    pca = rows[(rows["component_method"] == "pca") & rows["is_retained"]]
    weights = pca.pivot_table(index="component", columns="trait", values="weight")
    means = pca[pca["component"] == 1].set_index("trait")["trait_mean"]
    scores = (matrix - means.to_numpy()) @ weights.to_numpy().T
    scores = np.round(scores, 6) + 0.0
    expected = scores[np.lexsort(scores.T[::-1])]
    found = trait_positions(as_rows(matrix), 0.6, 6)
    np.testing.assert_allclose(found, expected, atol=2e-6)
    ica = rows[rows["component_method"] == "ica"]
    assert ica["component"].nunique() == pca["component"].nunique()


def test_row_order_and_names_of_customers_do_not_matter(blobs, as_rows):
    matrix = blobs(spread=1)
    chance = np.random.default_rng(0)
    given = trait_components(as_rows(matrix))
    moved = trait_components(as_rows(matrix, chance.permutation(matrix.size)))
    renamed = trait_components(as_rows(matrix[chance.permutation(len(matrix))]))
    assert given.equals(moved)
    assert given.equals(renamed)


def test_ratios_do_not_depend_on_the_scale(blobs):
    points = blobs(spread=1)
    one, other = principal_components(points), principal_components(points * 7)
    np.testing.assert_allclose(one.ratio, other.ratio)
    np.testing.assert_allclose(one.loadings, other.loadings)


def test_one_trait_is_one_component(as_rows):
    rows = trait_components(as_rows([[1.0], [2.0], [4.0]])).to_pylist()
    assert [row["component_method"] for row in rows] == ["ica", "pca"]
    assert [row["loading"] for row in rows] == pytest.approx([1, 1])


@pytest.mark.parametrize("matrix", [np.empty((0, 3)), [[1.0, 2.0]], np.ones((5, 2))])
def test_no_variance_gives_no_rows(matrix, as_rows):
    table = trait_components(as_rows(matrix))
    assert table.num_rows == 0
    assert table.schema == LOADINGS_SCHEMA


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"explained_share": 0}, r"explained_share == 0, must be > 0 and <= 1\."),
        ({"explained_share": 1.1}, r"explained_share == 1.1, must be > 0 and <= 1\."),
        ({"max_components": 0}, r"max_components == 0, must be >= 1\."),
        ({"max_components": 7}, r"max_components == 7, must be <= 6\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message, as_rows):
    with pytest.raises(ValueError, match=message):
        trait_components(as_rows(np.eye(3)), **changes)


def test_a_missing_trait_is_refused(as_rows):
    with pytest.raises(
        ValueError, match="trait_1 == nan of customer 1, must be finite"
    ):
        trait_components(as_rows(np.eye(3)).take([0, 1, 2, 3, 5, 6, 7, 8]))
