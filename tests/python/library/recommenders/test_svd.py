import numpy as np
import pytest
import scipy.sparse

from mercato.recommenders import svd
from mercato.recommenders.interactions import user_items
from mercato.recommenders.svd import recommend, singular_vectors

RATINGS = np.array([[4, 3, 2, 1], [3, 2, 1, 4], [1, 4, 3, 2], [2, 1, 4, 3]], float)


def test_published_singular_values_and_error_of_the_ratings():
    values, _ = singular_vectors(scipy.sparse.csr_matrix(RATINGS), 4)
    assert values == pytest.approx([10, 2.828427, 2.828427, 2], abs=1e-6)
    _, vectors = singular_vectors(scipy.sparse.csr_matrix(RATINGS), 2)
    error = np.linalg.norm(RATINGS - RATINGS @ vectors @ vectors.T)
    assert error == pytest.approx(3.464102, abs=1e-6)


@pytest.mark.parametrize("shape", [(90, 30), (30, 90), (40, 40)])
@pytest.mark.parametrize("dense_side", [500, 0])
def test_singular_vectors_agree_with_numpy(
    monkeypatch, random_weights, shape, dense_side
):
    monkeypatch.setattr(svd, "DENSE_SIDE", dense_side)
    matrix = random_weights(1, *shape).astype(float)
    values, vectors = singular_vectors(scipy.sparse.csr_matrix(matrix), 6)
    left, expected_values, right = np.linalg.svd(matrix)
    np.testing.assert_allclose(values, expected_values[:6], rtol=1e-8)
    best = left[:, :6] * expected_values[:6] @ right[:6]
    np.testing.assert_allclose(matrix @ vectors @ vectors.T, best, atol=1e-8)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(6), atol=1e-8)
    assert (vectors.max(axis=0) >= -vectors.min(axis=0)).all()


@pytest.mark.parametrize("dense_side", [500, 0])
def test_rank_limits_the_factors(monkeypatch, dense_side):
    monkeypatch.setattr(svd, "DENSE_SIDE", dense_side)
    rank_two = np.outer(np.arange(30), np.ones(20)) + np.outer(np.ones(30), range(20))
    _, vectors = singular_vectors(scipy.sparse.csr_matrix(rank_two), 7)
    assert vectors.shape == (20, 2)


def test_equal_singular_values_are_still_reproducible(monkeypatch):
    monkeypatch.setattr(svd, "DENSE_SIDE", 0)
    identity = scipy.sparse.identity(300, format="csr")
    first, second = (singular_vectors(identity, 5, seed=3)[1] for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (3, 2)])
def test_matrix_of_zeros_has_no_factors(shape):
    values, vectors = singular_vectors(scipy.sparse.csr_matrix(shape), 2)
    assert values.shape == (0,)
    assert vectors.shape == (shape[1], 0)


def test_hand_computed_recommendation(interactions_of, as_tuples):
    # Two heavy customers who own everything make the one factor (1, 1, 1) / sqrt(3), so
    # that every score is the customer's mean weight: 2 / 3 for the third.
    weights = [[1e6, 1e6, 1e6], [1e6, 1e6, 1e6], [1, 1, 0]]
    items = user_items(interactions_of(weights), weighting="linear")
    ((customer, product, rank, score),) = as_tuples(
        recommend(items, top_n=10, factors=1, product_scaling=1)
    )
    assert (customer, product, rank) == (2, 2, 1)
    assert score == pytest.approx(2 / 3, abs=1e-5)


@pytest.mark.parametrize("weighting", ["log", "linear"])
@pytest.mark.parametrize("product_scaling", [0.0, 0.6, 1.0])
def test_recommendations_agree_with_numpy(
    interactions_of,
    random_weights,
    as_tuples,
    best_by_brute_force,
    weighting,
    product_scaling,
):
    # What was only looked at may be recommended.
    is_owned = np.random.default_rng(3).random((60, 40)) < 0.7
    items = user_items(
        interactions_of(random_weights(2), is_owned), weighting=weighting
    )
    weights = items.weights.toarray()
    scaled = weights * np.linalg.norm(weights, axis=0) ** (product_scaling - 1)
    right = np.linalg.svd(scaled)[2][:8]
    expected = best_by_brute_force(items, weights @ right.T @ right, top_n=5)
    options = {"factors": 8, "product_scaling": product_scaling}
    found = as_tuples(recommend(items, top_n=5, **options))
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    scores = [row[3] for row in expected]
    assert [row[3] for row in found] == pytest.approx(scores, abs=2e-6)


def test_customers_with_nothing_in_common_get_nothing(interactions_of):
    assert recommend(user_items(interactions_of(np.eye(3))), top_n=2).num_rows == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": 0}, r"factors == 0, must be >= 1\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
        ({"product_scaling": 1.5}, r"product_scaling == 1\.5, must be >= 0 and <= 1"),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(interactions_of, changes, message):
    items = user_items(interactions_of(np.eye(2)))
    with pytest.raises(ValueError, match=message):
        recommend(items, **({"top_n": 1} | changes))
