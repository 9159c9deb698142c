import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse
from threadpoolctl import threadpool_limits

from mercato.recommenders import scoring
from mercato.recommenders.interactions import user_items
from mercato.recommenders.scoring import (
    RECOMMENDATIONS_SCHEMA,
    from_blocks,
    from_factors,
    from_products,
)


@pytest.fixture(params=["factors", "blocks of float64", "blocks of float32"])
def recommend(request):
    """Recommend by the products of factors, in each of the possible ways."""
    if request.param == "factors":
        return from_factors
    dtype = request.param.removeprefix("blocks of ")

    def recommend(items, left, right, **options):
        def score_rows(rows):
            places = np.searchsorted(items.asked, rows)
            return (left[places] @ right.T).astype(dtype)

        return from_blocks(items, score_rows, **options)

    return recommend


def test_hand_computed_ranks(recommend, interactions_of, as_tuples):
    is_owned = [[True, False, True, True], [True, True, True, True]]
    weights = [[1, 1, 0, 0], [0, 0, 1, 1]]
    items = user_items(interactions_of(weights, is_owned))
    left, right = np.array([[1.0], [-1.0]]), np.array([[9.0], [2.0], [3.0], [3.0]])
    table = recommend(items, left, right, top_n=2)
    assert table.schema == RECOMMENDATIONS_SCHEMA
    assert as_tuples(table) == [
        (0, 2, 1, 3),
        (0, 3, 2, 3),
        (1, 1, 1, -2),
        (1, 0, 2, -9),
    ]
    table = recommend(items, left, right, top_n=9, above=2.0)
    assert as_tuples(table) == [(0, 2, 1, 3), (0, 3, 2, 3)]


@pytest.mark.parametrize("above", [-np.inf, 0.0])
@pytest.mark.parametrize("top_n", [1, 5, 30, 80])
@pytest.mark.parametrize("values", [[-1.0, 0.0, 0.5, 0.1, 1 / 3], None])
def test_any_scores_agree_with_brute_force(
    monkeypatch,
    recommend,
    interactions_of,
    random_weights,
    as_tuples,
    best_by_brute_force,
    values,
    top_n,
    above,
):
    # Few distinct values make ties that only rounding errors tell apart.
    monkeypatch.setattr(scoring, "BLOCK_SCORES", 200)
    monkeypatch.setattr(scoring, "BLOCK_FACTORS", 1)
    rng = np.random.default_rng(top_n)
    is_owned = rng.random((60, 40)) < 0.6
    targets = pa.table({"customer_index": np.arange(0, 90, 2)})
    items = user_items(interactions_of(random_weights(top_n), is_owned), targets)
    left, right = (
        rng.choice(values, (size, 3)) if values else rng.standard_normal((size, 3))
        for size in (len(items.asked), len(items.products))
    )
    table = recommend(items, left, right, top_n=top_n, above=above)
    scores = np.zeros(items.weights.shape)
    scores[items.asked] = left @ right.T
    expected = best_by_brute_force(items, scores, top_n, above)
    found = as_tuples(table)
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    expected_scores = [row[3] for row in expected]
    assert [row[3] for row in found] == pytest.approx(expected_scores, abs=2e-6)


def test_scores_that_only_rounding_tells_apart_rank_by_product(
    recommend, interactions_of
):
    items = user_items(interactions_of(np.eye(2, 3000) + np.ones((2, 3000)), False))
    noise = np.random.default_rng(1).uniform(-1e-8, 1e-8, (3000, 1))
    table = recommend(items, np.ones((2, 1)), 0.3 + noise, top_n=10)
    assert table["product_index"].to_pylist() == list(range(10)) * 2
    assert set(table["score"].to_pylist()) == {0.3}


def test_scores_closer_than_float32_tells_rank_by_score(interactions_of):
    items = user_items(interactions_of(np.ones((1, 500)), False))
    factors = 100 + np.random.default_rng(2).permutation(500)[:, None] * 2e-6
    table = from_factors(items, np.ones((1, 1)), factors, top_n=10)
    expected = np.argsort(-factors[:, 0])[:10]
    assert table["product_index"].to_pylist() == expected.tolist()


def test_result_does_not_depend_on_threads(monkeypatch, recommend, interactions_of):
    monkeypatch.setattr(scoring, "BLOCK_SCORES", 5000)
    rng = np.random.default_rng(3)
    items = user_items(interactions_of(rng.random((300, 200)) < 0.1))
    left, right = rng.standard_normal((300, 8)), rng.standard_normal((200, 8))
    many = recommend(items, left, right, top_n=10)
    with threadpool_limits(1):
        assert recommend(items, left, right, top_n=10).equals(many)


def test_what_is_no_candidate_is_left_out(interactions_of, as_tuples):
    items = user_items(interactions_of(np.eye(3)))
    scores = np.array([[-np.inf, -np.inf, 5.0], [-np.inf] * 3, [1.0, 2.0, 3.0]])
    table = from_blocks(items, lambda rows: scores[rows], top_n=3)
    assert as_tuples(table) == [(0, 2, 1, 5), (2, 1, 1, 2), (2, 0, 2, 1)]


def test_blocks_given_are_not_written_to(interactions_of):
    items = user_items(interactions_of(np.eye(3)))
    scores = np.ones((3, 3))
    scores.flags.writeable = False
    assert from_blocks(items, lambda rows: scores[rows[0] :], top_n=3).num_rows == 6


@pytest.mark.parametrize("top_n", [1, 5, 60])
@pytest.mark.parametrize("values", [[0.0, 0.0, 0.1, 1 / 3], None])
def test_products_of_sparse_matrices_agree_with_brute_force(
    interactions_of, random_weights, as_tuples, best_by_brute_force, values, top_n
):
    rng = np.random.default_rng(top_n)
    is_owned = rng.random((60, 40)) < 0.6
    targets = pa.table({"customer_index": np.arange(0, 90, 2)})
    items = user_items(interactions_of(random_weights(top_n), is_owned), targets)
    left, right = (
        rng.choice(values, shape)
        if values
        else rng.random(shape) * (rng.random(shape) < 0.3)
        for shape in ((len(items.customers), 9), (9, len(items.products)))
    )
    sparse = scipy.sparse.csr_matrix(left)

    def found(chunk_customers):
        return from_products(
            items,
            lambda rows: sparse[rows],
            scipy.sparse.csr_matrix(right),
            top_n=top_n,
            chunk_customers=chunk_customers,
        )

    expected = best_by_brute_force(items, left @ right, top_n, 0.0)
    tuples = as_tuples(found(7))
    assert [row[:3] for row in tuples] == [row[:3] for row in expected]
    expected_scores = [row[3] for row in expected]
    assert [row[3] for row in tuples] == pytest.approx(expected_scores, abs=2e-6)
    with threadpool_limits(1):
        assert found(1000).equals(found(7))


def test_nobody_asked_or_no_products_give_no_rows(recommend, interactions_of):
    nobody = user_items(interactions_of(np.eye(3)), pa.table({"customer_index": [7]}))
    nothing = user_items(interactions_of(np.zeros((0, 0))))
    for items in (nobody, nothing):
        right = np.ones((len(items.products), 2))
        table = recommend(items, np.ones((0, 2)), right, top_n=3)
        assert table.equals(RECOMMENDATIONS_SCHEMA.empty_table())


def test_no_factors_score_everything_0(interactions_of, as_tuples):
    items = user_items(interactions_of(np.eye(2)))
    empty = np.ones((2, 0))
    table = from_factors(items, empty, empty, top_n=1)
    assert as_tuples(table) == [(0, 1, 1, 0), (1, 0, 1, 0)]
    assert from_factors(items, empty, empty, top_n=1, above=0).num_rows == 0


def test_bad_arguments_name_argument_value_and_bound(interactions_of):
    items = user_items(interactions_of(np.eye(2)))
    good = np.ones((2, 1))
    with pytest.raises(ValueError, match=r"top_n == 0, must be >= 1\."):
        from_factors(items, good, good, top_n=0)
    with pytest.raises(ValueError, match=r"top_n == 0, must be >= 1\."):
        from_blocks(items, lambda rows: np.ones((len(rows), 2)), top_n=0)
    with pytest.raises(ValueError, match=r"len\(customer_factors\) == 3, must be == 2"):
        from_factors(items, np.ones((3, 1)), good, top_n=1)
    with pytest.raises(ValueError, match=r"len\(product_factors\) == 3, must be == 2"):
        from_factors(items, good, np.ones((3, 1)), top_n=1)
    with pytest.raises(ValueError, match=r"shape == \(2, 3\), must be == \(2, 2\)"):
        from_blocks(items, lambda rows: np.ones((len(rows), 3)), top_n=1)
    with pytest.raises(ValueError, match=r"scores\.max\(\) == nan, must be finite"):
        from_blocks(items, lambda rows: np.full((len(rows), 2), np.nan), top_n=1)
    one = scipy.sparse.csr_matrix(np.eye(2))
    with pytest.raises(ValueError, match=r"above == -1, must be >= 0\."):
        from_products(items, lambda rows: one[rows], one, top_n=1, above=-1)
    with pytest.raises(ValueError, match=r"largest entry == inf, must be finite\."):
        from_products(items, lambda rows: 1e200 * one[rows], 1e200 * one, top_n=1)
