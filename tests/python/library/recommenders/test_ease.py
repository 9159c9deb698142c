import numpy as np
import pytest
import scipy.sparse

from mercato.recommenders import ease, gram
from mercato.recommenders.ease import item_weights, recommend
from mercato.recommenders.interactions import user_items


def ridge_by_column(matrix, l2):
    """Fit each column on the others, by itself."""
    columns = matrix.shape[1]
    model = np.zeros((columns, columns))
    for column in range(columns):
        others = np.delete(matrix, column, axis=1)
        gram = others.T @ others + l2 * np.eye(columns - 1)
        fitted = np.linalg.solve(gram, others.T @ matrix[:, column])
        model[np.arange(columns) != column, column] = fitted
    return model


def test_hand_computed_weights():
    # Product 0 from 1: 1 / (1 + 2); product 1 from 0: 1 / (2 + 2).
    model = item_weights(scipy.sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]]), l2=2.0)
    assert model == pytest.approx(np.array([[0, 1 / 4], [1 / 3, 0]]))


@pytest.mark.parametrize("l2", [0.5, 100.0])
def test_weights_agree_with_a_ridge_regression_of_each_product(
    monkeypatch, random_weights, l2
):
    for module in (ease, gram):
        monkeypatch.setattr(module, "BLOCK_PRODUCTS", 7)
    matrix = random_weights(1).astype(float)
    model = item_weights(scipy.sparse.csr_matrix(matrix), l2=l2)
    np.testing.assert_allclose(model, ridge_by_column(matrix, l2), atol=1e-10)


def test_recommendations_agree_with_the_regressions(
    interactions_of, random_weights, as_tuples, best_by_brute_force
):
    is_owned = np.random.default_rng(5).random((60, 40)) < 0.7
    items = user_items(interactions_of(random_weights(2), is_owned))
    weights = items.weights.toarray()
    expected = best_by_brute_force(items, weights @ ridge_by_column(weights, 20), 5)
    found = as_tuples(recommend(items, top_n=5, l2=20.0))
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    scores = [row[3] for row in expected]
    assert [row[3] for row in found] == pytest.approx(scores, abs=3e-6)


def test_only_the_most_popular_products_enter(interactions_of, random_weights):
    weights = random_weights(3)
    # Products 5, 20 and 11 have the most customers; 6 and 30 have the next most.
    weights[:, [5, 20, 11]] = 1
    weights[0] = 0
    weights[0, [5, 9]] = 1
    weights[1:40, [6, 30]] = 2
    weights[40:, [6, 30]] = 0
    table = recommend(user_items(interactions_of(weights)), top_n=40, max_products=4)
    found = table.to_pandas()
    assert set(found["product_index"]) <= {5, 6, 11, 20}
    assert set(found["customer_index"]) == {0, *range(40, 60)}
    alone = np.delete(weights, [j for j in range(40) if j not in (5, 6, 11, 20)], 1)
    expected = recommend(user_items(interactions_of(alone)), top_n=40)
    assert found["score"].tolist() == expected["score"].to_pylist()


def test_one_product_at_a_time_leaves_nothing_to_recommend(interactions_of):
    items = user_items(interactions_of(np.eye(3)))
    assert recommend(items, top_n=2).num_rows == 0
    assert recommend(items, top_n=2, max_products=1).num_rows == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"l2": 0.0}, r"l2 == 0\.0, must be finite and > 0\."),
        ({"l2": np.nan}, "l2 == nan"),
        ({"max_products": 0}, r"max_products == 0, must be >= 1\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(interactions_of, changes, message):
    items = user_items(interactions_of(np.eye(2)))
    with pytest.raises(ValueError, match=message):
        recommend(items, **({"top_n": 1} | changes))
