import numpy as np
import pytest
import scipy.sparse
from threadpoolctl import threadpool_limits

from mercato.recommenders import als
from mercato.recommenders.als import als_factors, als_loss, recommend
from mercato.recommenders.interactions import user_items

OPTIONS = {"factors": 6, "regularization": 0.3, "alpha": 4.0}


def random_weights(seed=1, shape=(60, 25), density=0.2):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(1, 6, shape) * (rng.random(shape) < density)
    return scipy.sparse.csr_matrix(matrix.astype(float))


@pytest.fixture
def items_of(interactions_of):
    return lambda matrix: user_items(interactions_of(matrix), weighting="linear")


def dense_sweep(weights, others, regularization, alpha):
    """Solve each row by equation 4 of the paper, with its dense diagonal matrix."""
    solved = []
    for row in weights.toarray():
        confidence = np.diag(1 + alpha * row)
        left = others.T @ confidence @ others + regularization * np.eye(others.shape[1])
        solved.append(np.linalg.solve(left, others.T @ confidence @ (row > 0)))
    return np.array(solved)


def dense_loss(weights, model, regularization, alpha):
    weights = weights.toarray()
    errors = (weights > 0) - model.customers @ model.products.T
    squares = sum(np.sum(part**2) for part in model)
    return np.sum((1 + alpha * weights) * errors**2) + regularization * squares


def test_hand_computed_factor():
    # One customer, one product, weight 3: with product factor y the customer's is
    # 4 y / (4 y^2 + 1), and in balance x = y both are sqrt(3 / 4).
    model = als_factors(
        scipy.sparse.csr_matrix([[3.0]]),
        factors=1,
        regularization=1.0,
        alpha=1.0,
        iterations=200,
    )
    assert (model.customers * model.products).item() == pytest.approx(3 / 4)


@pytest.mark.parametrize("factors", [1, 4, 30])
def test_sweeps_agree_with_the_dense_formula(monkeypatch, factors):
    # Rows have fewer entries than factors, as many, and more; a batch holds few rows,
    # and a long row comes in pieces.
    monkeypatch.setattr(als, "BATCH_NUMBERS", 40)
    weights = random_weights()
    options = OPTIONS | {"factors": factors}
    model = als_factors(weights, iterations=2, seed=5, **options)
    penalties = {"regularization": 0.3, "alpha": 4.0}
    start = np.random.default_rng(5).standard_normal((25, factors))
    products = start / np.sqrt(factors)
    for _ in range(2):
        customers = dense_sweep(weights, products, **penalties)
        products = dense_sweep(weights.T.tocsr(), customers, **penalties)
    customers = dense_sweep(weights, products, **penalties)
    np.testing.assert_allclose(model.products, products, atol=1e-9)
    np.testing.assert_allclose(model.customers, customers, atol=1e-9)


def test_loss_is_that_of_the_dense_formula_and_never_rises():
    weights = random_weights(2)
    penalties = {"regularization": 0.3, "alpha": 4.0}
    losses = []
    for iterations in range(1, 12):
        model = als_factors(weights, iterations=iterations, **OPTIONS)
        losses.append(als_loss(weights, model, **penalties))
        assert losses[-1] == pytest.approx(dense_loss(weights, model, **penalties))
    assert (np.diff(losses) <= 1e-9 * losses[0]).all()
    assert losses[-1] < losses[0]


def test_reaches_the_loss_of_the_implicit_package():
    implicit = pytest.importorskip("implicit.cpu.als")
    weights = random_weights(3, (300, 80), 0.1)
    confidence = weights.copy()
    confidence.data = 1 + 4.0 * confidence.data
    other = implicit.AlternatingLeastSquares(
        factors=6,
        regularization=0.3,
        alpha=1.0,
        iterations=200,
        dtype=np.float64,
        use_cg=False,
        num_threads=1,
        random_state=1,
    )
    with threadpool_limits(1):
        other.fit(confidence, show_progress=False)
    theirs = als.AlsFactors(other.user_factors, other.item_factors)
    ours = als_factors(weights, iterations=200, **OPTIONS)
    penalties = {"regularization": 0.3, "alpha": 4.0}
    expected = als_loss(weights, theirs, **penalties)
    # Both start at random and may end in different minima.
    assert als_loss(weights, ours, **penalties) == pytest.approx(expected, rel=0.01)


def test_rows_and_columns_without_entries_have_no_factors():
    weights = scipy.sparse.csr_matrix(np.pad(np.ones((3, 2)), ((0, 1), (0, 1))))
    model = als_factors(weights, iterations=3, **OPTIONS)
    assert not model.customers[3].any()
    assert not model.products[2].any()


@pytest.mark.parametrize("factors", [2, 30])
def test_enormous_weights_are_solvable(factors):
    # Products come in equal pairs, so that no entry tells them apart.
    pattern = np.repeat(random_weights(6, (60, 5), 0.6).toarray() > 0, 2, axis=1)
    weights = scipy.sparse.csr_matrix(pattern * 1e300)
    model = als_factors(weights, iterations=5, **OPTIONS | {"factors": factors})
    assert np.isfinite(model.products).all()
    np.testing.assert_allclose(model.products[::2], model.products[1::2])


def test_scores_are_the_inner_products_of_the_factors(items_of):
    matrix = random_weights(4).toarray()
    items = items_of(matrix)
    found = recommend(items, top_n=4, seed=9, **OPTIONS).to_pandas()
    model = als_factors(items.weights, iterations=15, seed=9, **OPTIONS)
    scores = np.where(matrix > 0, -np.inf, model.customers @ model.products.T)
    for customer, rows in found.groupby("customer_index"):
        best = np.sort(scores[customer])[::-1][: len(rows)]
        np.testing.assert_allclose(rows["score"], best, atol=1e-6)
    assert (found["score"] > 0).all()


def test_two_tastes_are_kept_apart(items_of):
    # Every customer has all products of one taste but one.
    matrix = np.kron(np.eye(2), np.ones((8, 8)) - np.eye(8))
    found = recommend(items_of(matrix), top_n=1, factors=2)
    assert found["product_index"].to_pylist() == list(range(16))


def test_threads_and_repetition_change_nothing(items_of):
    items = items_of(random_weights(5, (400, 50)).toarray())
    many = recommend(items, top_n=5, **OPTIONS)
    with threadpool_limits(1):
        assert recommend(items, top_n=5, **OPTIONS).equals(many)
    assert not recommend(items, top_n=5, seed=1, **OPTIONS).equals(many)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": 0}, r"factors == 0, must be >= 1\."),
        ({"iterations": 0}, r"iterations == 0, must be >= 1\."),
        ({"regularization": 0.0}, r"regularization == 0\.0, must be > 0 and finite\."),
        ({"alpha": -1.0}, r"alpha == -1\.0, must be > 0 and finite\."),
        ({"alpha": np.nan}, r"alpha == nan, must be > 0 and finite\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(items_of, changes, message):
    with pytest.raises(ValueError, match=message):
        recommend(items_of(np.eye(2)), **({"top_n": 1} | changes))
