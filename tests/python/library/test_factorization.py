import numpy as np
import pyarrow as pa
import pytest
import scipy.sparse

from mercato import factorization
from mercato.factorization import (
    RECOMMENDATIONS_SCHEMA,
    recommend_svd,
    truncated_svd,
)

RATINGS = np.array([[4, 3, 2, 1], [3, 2, 1, 4], [1, 4, 3, 2], [2, 1, 4, 3]], float)


def interactions(matrix, window="serving"):
    """List the non-zero entries of a dense matrix."""
    rows, columns = np.nonzero(matrix)
    return pa.table(
        {
            "window_name": [window] * len(rows),
            "customer_index": rows,
            "product_index": columns,
            "weight": matrix[rows, columns].astype(float),
            "is_owned": [True] * len(rows),
        }
    )


def random_matrix(seed, customers=60, products=40, density=0.2):
    rng = np.random.default_rng(seed)
    shape = (customers, products)
    return rng.integers(1, 6, shape) * (rng.random(shape) < density)


def dense_recommendations(matrix, factors, top_n, log_weights, product_scaling):
    """Compute customer, product and score by NumPy's dense decomposition."""
    weights = np.log1p(matrix) if log_weights else matrix.astype(float)
    scaled = weights * np.linalg.norm(weights, axis=0) ** (product_scaling - 1)
    right = np.linalg.svd(scaled)[2][:factors]
    scores = np.round(weights @ right.T @ right, 6)
    scores[matrix > 0] = -np.inf
    found = []
    for customer, row in enumerate(scores):
        best = np.argsort(-row, kind="stable")[:top_n]
        found += [(customer, int(j), row[j]) for j in best if row[j] > 0]
    return found


def as_tuples(table):
    names = ("customer_index", "product_index", "score")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_published_singular_values_and_error_of_the_ratings():
    values = truncated_svd(scipy.sparse.csr_matrix(RATINGS), 4).singular_values
    assert values == pytest.approx([10, 2.828427, 2.828427, 2], abs=1e-6)
    left, values, right = truncated_svd(scipy.sparse.csr_matrix(RATINGS), 2)
    error = np.linalg.norm(RATINGS - left * values @ right.T)
    assert error == pytest.approx(3.464102, abs=1e-6)


@pytest.mark.parametrize("shape", [(90, 30), (30, 90), (40, 40)])
@pytest.mark.parametrize("dense_side", [500, 0])
def test_factors_agree_with_numpy(monkeypatch, shape, dense_side):
    monkeypatch.setattr(factorization, "DENSE_SIDE", dense_side)
    matrix = random_matrix(1, *shape).astype(float)
    left, values, right = truncated_svd(scipy.sparse.csr_matrix(matrix), 6)
    expected_left, expected_values, expected_right = np.linalg.svd(matrix)
    np.testing.assert_allclose(values, expected_values[:6], rtol=1e-8)
    best = expected_left[:, :6] * expected_values[:6] @ expected_right[:6]
    np.testing.assert_allclose(left * values @ right.T, best, atol=1e-8)
    for vectors in (left, right):
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(6), atol=1e-8)
    assert (right.max(axis=0) >= -right.min(axis=0)).all()


@pytest.mark.parametrize("dense_side", [500, 0])
def test_rank_limits_the_factors(monkeypatch, dense_side):
    monkeypatch.setattr(factorization, "DENSE_SIDE", dense_side)
    rank_two = np.outer(np.arange(30), np.ones(20)) + np.outer(np.ones(30), range(20))
    model = truncated_svd(scipy.sparse.csr_matrix(rank_two), 7)
    assert model.products.shape == (20, 2)


def test_equal_singular_values_are_still_reproducible(monkeypatch):
    monkeypatch.setattr(factorization, "DENSE_SIDE", 0)
    identity = scipy.sparse.identity(300, format="csr")
    first, second = (truncated_svd(identity, 5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.products, second.products)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3), (3, 2)])
def test_matrix_of_zeros_has_no_factors(shape):
    model = truncated_svd(scipy.sparse.csr_matrix(shape), 2)
    assert [part.shape for part in model] == [(shape[0], 0), (0,), (shape[1], 0)]


def test_hand_computed_recommendation():
    # Two heavy customers who own everything make the one factor (1, 1, 1) / sqrt(3), so
    # that every score is the customer's mean weight: 2 / 3 for the third.
    matrix = np.array([[1e6, 1e6, 1e6], [1e6, 1e6, 1e6], [1, 1, 0]])
    table = recommend_svd(
        interactions(matrix), factors=1, log_weights=False, product_scaling=1
    )
    ((customer, product, score),) = as_tuples(table)
    assert (customer, product) == (2, 2)
    assert score == pytest.approx(2 / 3, abs=1e-5)


@pytest.mark.parametrize("log_weights", [True, False])
@pytest.mark.parametrize("product_scaling", [0.0, 0.6, 1.0])
def test_recommendations_agree_with_numpy(monkeypatch, log_weights, product_scaling):
    monkeypatch.setattr(factorization, "BLOCK_CUSTOMERS", 7)
    matrix = random_matrix(2)
    options = {"log_weights": log_weights, "product_scaling": product_scaling}
    table = recommend_svd(interactions(matrix), factors=8, top_n=5, **options)
    found = as_tuples(table)
    expected = dense_recommendations(matrix, 8, 5, **options)
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    scores = [row[2] for row in expected]
    assert [row[2] for row in found] == pytest.approx(scores, abs=2e-6)


def test_owned_products_are_never_recommended_and_ranks_have_no_gaps():
    matrix = random_matrix(3, density=0.4)
    table = recommend_svd(interactions(matrix), factors=5, top_n=20).to_pandas()
    assert (matrix[table["customer_index"], table["product_index"]] == 0).all()
    ranks = table.groupby("customer_index")["recommendation_rank"]
    assert (ranks.min() == 1).all()
    assert (ranks.max() == ranks.size()).all()
    assert (table["score"] > 0).all()


def test_windows_do_not_influence_each_other():
    first, second = random_matrix(4), random_matrix(5)
    windows = [interactions(second, "serving"), interactions(first, "evaluation")]
    together = recommend_svd(pa.concat_tables(windows), factors=4)
    alone = [recommend_svd(table, factors=4) for table in reversed(windows)]
    assert together.equals(pa.concat_tables(alone))


def test_row_order_does_not_matter():
    table = interactions(random_matrix(6))
    order = np.random.default_rng(7).permutation(table.num_rows)
    shuffled = recommend_svd(table.take(order), factors=4)
    assert shuffled.equals(recommend_svd(table, factors=4))


def test_indices_with_gaps_keep_their_names():
    matrix = random_matrix(8)
    table = interactions(matrix)
    renamed = table.set_column(
        2, "product_index", pa.array(table["product_index"].to_numpy() * 10 + 3)
    )
    straight = recommend_svd(table, factors=4)
    found = recommend_svd(renamed, factors=4)["product_index"].to_numpy()
    np.testing.assert_array_equal(found, straight["product_index"].to_numpy() * 10 + 3)


@pytest.mark.parametrize(
    "matrix",
    [np.zeros((0, 0)), np.ones((1, 1)), np.ones((3, 2)), np.eye(3)],
    ids=["empty", "one row", "everything owned", "nothing in common"],
)
def test_degenerate_matrices_give_no_recommendations(matrix):
    table = recommend_svd(interactions(matrix).cast(interactions(np.eye(1)).schema))
    assert table.num_rows == 0
    assert table.schema == RECOMMENDATIONS_SCHEMA


def changed(**columns):
    table = interactions(np.eye(2))
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values))
    return {"interactions": table}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": 0}, r"factors == 0, must be >= 1\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
        ({"product_scaling": 1.5}, r"product_scaling == 1\.5, must be >= 0 and <= 1"),
        (changed(weight=[1.0, 0.0]), r"weight == 0\.0 \(window_name 'serving', "),
        (changed(weight=[1.0, np.inf]), "weight == inf"),
        (changed(weight=[1.0, None]), "weight has 1 nulls"),
        (changed(customer_index=[0, -1]), "customer_index == -1"),
        (changed(customer_index=[1, 1], product_index=[2, 2]), "must be unique"),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message):
    with pytest.raises(ValueError, match=message):
        recommend_svd(**({"interactions": interactions(np.eye(2))} | changes))


def test_what_was_only_looked_at_may_be_recommended():
    table = interactions(random_matrix(seed=8))
    is_owned = np.arange(table.num_rows) % 3 > 0
    column = table.schema.get_field_index("is_owned")
    table = table.set_column(column, "is_owned", pa.array(is_owned))
    found = recommend_svd(table, factors=8, top_n=40).to_pandas()
    pairs = set(zip(found["customer_index"], found["product_index"], strict=True))
    seen = table.to_pandas()
    owned, looked_at = (
        {*zip(rows["customer_index"], rows["product_index"], strict=True)}
        for rows in (seen[is_owned], seen[~is_owned])
    )
    assert not pairs & owned
    assert pairs & looked_at


def test_targets_get_what_they_would_get_among_all():
    windows = [
        interactions(random_matrix(seed), name) for seed, name in ((1, "a"), (2, "b"))
    ]
    table = pa.concat_tables(windows)
    targets = pa.table({"window_name": ["a", "b", "b"], "customer_index": [3, 0, 999]})
    found = recommend_svd(table, targets, factors=4)
    everybody = recommend_svd(table, factors=4).to_pandas()
    wanted = everybody.merge(targets.to_pandas())
    assert found.to_pandas().equals(wanted)
    assert set(wanted["window_name"]) == {"a", "b"}
    nobody = recommend_svd(table, targets.slice(0, 0), factors=4)
    assert nobody.equals(RECOMMENDATIONS_SCHEMA.empty_table())
