import numpy as np
import pytest
import scipy.sparse
from sklearn.metrics.pairwise import cosine_similarity
from threadpoolctl import threadpool_limits

from mercato.recommenders import item_knn, neighbours, user_knn
from mercato.recommenders.interactions import user_items
from mercato.recommenders.neighbours import nearest, vectors

NO_CAP = 10**12


def similarities(matrix, rows=None, max_pairs=NO_CAP, **options):
    options = {"neighbours": 100, "shrinkage": 0.0} | options
    among = vectors(scipy.sparse.csr_matrix(matrix, dtype=float), max_pairs=max_pairs)
    rows = np.arange(len(matrix)) if rows is None else np.array(rows)
    return nearest(among, among.units[rows], rows, **options).toarray()


def by_brute_force(matrix, count, shrinkage):
    """Keep the largest shrunk cosines of each row, of equal ones the first."""
    pattern = (matrix > 0).astype(float)
    common = pattern @ pattern.T
    shrunk = cosine_similarity(matrix) * common / np.maximum(common + shrinkage, 1e-9)
    shrunk = np.round(shrunk, 8)
    np.fill_diagonal(shrunk, 0)
    kept = np.zeros_like(shrunk)
    for row, of_row in enumerate(shrunk):
        best = np.argsort(-of_row, kind="stable")[:count]
        kept[row, best] = of_row[best]
    return kept


def test_hand_computed_shrunk_cosines():
    matrix = [[3, 4, 0], [3, 4, 0], [0, 1, 0], [0, 0, 1]]
    # Two columns in common count 2 / (2 + 2), one 1 / (1 + 2).
    expected = [
        [0, 0.5, 0.8 / 3, 0],
        [0.5, 0, 0.8 / 3, 0],
        [0.8 / 3, 0.8 / 3, 0, 0],
        [0, 0, 0, 0],
    ]
    assert similarities(matrix, shrinkage=2.0) == pytest.approx(
        np.array(expected), abs=1e-8
    )


def test_published_cosines_of_the_ratings():
    ratings = [[4, 3, 2, 1], [3, 2, 1, 4], [1, 4, 3, 2], [2, 1, 4, 3]]
    found = similarities(ratings, rows=[0])
    assert found == pytest.approx(np.array([[0, 0.8, 0.8, 0.733333]]), abs=1e-6)
    # Of equal similarities the lower row is nearer.
    assert similarities(ratings, rows=[0], neighbours=1).tolist() == [[0, 0.8, 0, 0]]


@pytest.mark.parametrize("shrinkage", [0.0, 10.0])
@pytest.mark.parametrize("count", [1, 5, 100])
def test_neighbours_agree_with_brute_force(
    monkeypatch, random_weights, count, shrinkage
):
    monkeypatch.setattr(neighbours, "BLOCK_SIMILARITIES", 500)
    # Weights of 0 and 1 make many equal similarities.
    for matrix in (random_weights(1), np.sign(random_weights(2, density=0.1))):
        found = similarities(matrix, neighbours=count, shrinkage=shrinkage)
        expected = by_brute_force(matrix, count, shrinkage)
        np.testing.assert_allclose(found, expected, atol=1.1e-8)


def test_rows_asked_get_what_they_would_get_among_all(random_weights):
    matrix = random_weights(3)
    everybody = similarities(matrix, neighbours=5)
    some = similarities(matrix, rows=[2, 40, 41], neighbours=5)
    np.testing.assert_array_equal(some, everybody[[2, 40, 41]])
    assert similarities(matrix, rows=np.array([], dtype=int)).shape == (0, 60)


def test_columns_beyond_the_cap_count_for_lengths_only():
    # The first column has three entries: 9 of the 14 multiply-adds.
    matrix = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]])
    assert similarities(matrix, max_pairs=14)[0, 2] == pytest.approx(0.5)
    capped = similarities(matrix, max_pairs=13)
    assert capped.tolist() == [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]
    assert not similarities(matrix, max_pairs=0).any()


def test_weights_far_apart_neither_overflow_nor_vanish():
    matrix = np.array([[1e300, 1e300], [1e-300, 1e-300], [1e300, 1e-300]])
    found = similarities(matrix, shrinkage=2.0)
    assert found[0, 1] == pytest.approx(0.5)
    assert found[0, 2] == pytest.approx(np.sqrt(0.5) / 2)


def test_similarities_do_not_depend_on_threads(monkeypatch, random_weights):
    monkeypatch.setattr(neighbours, "BLOCK_SIMILARITIES", 1000)
    matrix = random_weights(4, customers=200)
    many = similarities(matrix, shrinkage=3.0, neighbours=10)
    with threadpool_limits(1):
        one = similarities(matrix, shrinkage=3.0, neighbours=10)
    np.testing.assert_array_equal(many, one)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"neighbours": 0}, r"neighbours == 0, must be >= 1\."),
        ({"shrinkage": -1.0}, r"shrinkage == -1\.0, must be finite and >= 0\."),
        ({"shrinkage": np.inf}, "shrinkage == inf"),
        ({"max_pairs": -1}, r"max_pairs == -1, must be >= 0\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
    ],
)
@pytest.mark.parametrize("method", [item_knn, user_knn])
def test_bad_arguments_name_argument_value_and_bound(
    interactions_of, method, changes, message
):
    items = user_items(interactions_of(np.eye(2)))
    with pytest.raises(ValueError, match=message):
        method.recommend(items, **({"top_n": 1} | changes))


def test_hand_computed_item_neighbours(interactions_of, as_tuples):
    # Products 0 and 1 share one of two and one customers, 1 / sqrt(2); 2 is alone.
    items = user_items(
        interactions_of([[1, 1, 0], [5, 0, 0], [0, 0, 1]]), weighting="binary"
    )
    table = item_knn.recommend(items, top_n=2, shrinkage=0.0)
    assert as_tuples(table) == [(1, 1, 1, pytest.approx(np.sqrt(0.5), abs=1e-6))]
    table = item_knn.recommend(items, top_n=2, shrinkage=1.0)
    assert as_tuples(table) == [(1, 1, 1, pytest.approx(np.sqrt(0.5) / 2, abs=1e-6))]


def test_hand_computed_customer_neighbours(interactions_of, as_tuples):
    # The second customer's only neighbour is the first, at cosine 3 / 5.
    weights = [[3, 4, 0], [9, 0, 0], [0, 0, 1]]
    items = user_items(interactions_of(weights), weighting="linear")
    table = user_knn.recommend(items, top_n=2, shrinkage=0.0)
    assert as_tuples(table) == [(1, 1, 1, pytest.approx(0.6 * 4))]


@pytest.mark.parametrize("shrinkage", [0.0, 10.0])
@pytest.mark.parametrize("count", [3, 100])
def test_recommendations_agree_with_brute_force(
    monkeypatch,
    interactions_of,
    random_weights,
    as_tuples,
    best_by_brute_force,
    count,
    shrinkage,
):
    monkeypatch.setattr(user_knn, "CHUNK_CUSTOMERS", 7)
    is_owned = np.random.default_rng(5).random((60, 40)) < 0.7
    items = user_items(interactions_of(random_weights(6), is_owned))
    weights = items.weights.toarray()
    between_products = by_brute_force(weights.T, count, shrinkage)
    between_customers = by_brute_force(weights, count, shrinkage)
    for method, scores in (
        (item_knn, weights @ between_products.T),
        (user_knn, between_customers @ weights),
    ):
        table = method.recommend(items, top_n=5, neighbours=count, shrinkage=shrinkage)
        expected = best_by_brute_force(items, scores, top_n=5)
        found = as_tuples(table)
        assert [row[:3] for row in found] == [row[:3] for row in expected]
        expected_scores = [row[3] for row in expected]
        assert [row[3] for row in found] == pytest.approx(expected_scores, abs=2e-6)
