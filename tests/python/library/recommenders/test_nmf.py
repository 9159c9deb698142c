import numpy as np
import pyarrow as pa
import pytest
import scipy.optimize
import scipy.sparse
from sklearn.decomposition import NMF

from mercato.recommenders import nmf
from mercato.recommenders.interactions import user_items
from mercato.recommenders.nmf import customer_factors, product_factors, recommend

FIT = {"factors": 5, "max_iterations": 100, "max_fit_customers": 1000}


def random_matrix(seed=1, shape=(60, 25), density=0.3):
    rng = np.random.default_rng(seed)
    return rng.random(shape) * (rng.random(shape) < density)


@pytest.fixture
def items_of(interactions_of):
    return lambda matrix: user_items(interactions_of(matrix), weighting="linear")


def test_rank_one_matrix_is_found_again():
    # The second customer has not bought product 2, whose fair weight is 2 * 3.
    matrix = np.outer([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0])
    loadings = customer_factors(
        scipy.sparse.csr_matrix(matrix),
        product_factors(scipy.sparse.csr_matrix(matrix), **FIT | {"factors": 1}),
    )
    np.testing.assert_allclose(loadings[:, 0] / loadings[0, 0], [1, 2, 3, 4])


@pytest.mark.filterwarnings("ignore:Maximum number of iterations")
def test_product_factors_are_those_of_scikit_learn():
    matrix = random_matrix()
    model = NMF(5, init="nndsvda", max_iter=100, random_state=3).fit(matrix)
    found = product_factors(scipy.sparse.csr_matrix(matrix), seed=3, **FIT)
    np.testing.assert_allclose(found, model.components_, atol=1e-8)


def test_customer_factors_solve_non_negative_least_squares(monkeypatch):
    monkeypatch.setattr(nmf, "BLOCK_CUSTOMERS", 7)
    tastes = np.random.default_rng(2).random((4, 25)) ** 4
    matrix = random_matrix(3)
    expected = [scipy.optimize.nnls(tastes.T, row)[0] for row in matrix]
    found = customer_factors(scipy.sparse.csr_matrix(matrix), tastes)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_fit_uses_evenly_spaced_customers():
    matrix = scipy.sparse.csr_matrix(random_matrix(4))
    few = product_factors(matrix, **FIT | {"max_fit_customers": 20})
    np.testing.assert_array_equal(few, product_factors(matrix[::3], **FIT))


def test_customers_outside_the_fit_get_the_best_new_products(items_of):
    matrix = random_matrix(5)
    options = {"factors": 5, "max_fit_customers": 20}
    found = recommend(items_of(matrix), top_n=25, **options).to_pandas()
    sparse = scipy.sparse.csr_matrix(matrix)
    tastes = product_factors(sparse, max_iterations=100, **options)
    scores = np.round(customer_factors(sparse, tastes) @ tastes, 6)
    assert set(found["customer_index"]) == set(range(60))
    for row in found.itertuples():
        expected = scores[row.customer_index, row.product_index]
        assert row.score == pytest.approx(expected, abs=2e-6)
    for customer in range(60):
        rows = found[found["customer_index"] == customer]
        new = np.where(matrix[customer] > 0, 0, scores[customer])
        assert len(rows) == np.count_nonzero(new > 0)
        best = np.lexsort((np.arange(25), -new))[: len(rows)]
        assert rows["product_index"].tolist() == best.tolist()


def test_company_does_not_matter(interactions_of):
    table = interactions_of(random_matrix(6))
    everybody = recommend(user_items(table), top_n=5, factors=4).to_pandas()
    targets = pa.table({"customer_index": [3, 40]})
    some = recommend(user_items(table, targets), top_n=5, factors=4).to_pandas()
    wanted = everybody[everybody["customer_index"].isin([3, 40])]
    assert some.equals(wanted.reset_index(drop=True))


def test_two_tastes_are_kept_apart(items_of):
    matrix = np.kron(np.eye(2), np.ones((8, 8)) - np.eye(8))
    found = recommend(items_of(matrix), top_n=3, factors=2)
    assert found["product_index"].to_pylist() == list(range(16))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"factors": 0}, r"factors == 0, must be >= 1\."),
        ({"max_iterations": 0}, r"max_iterations == 0, must be >= 1\."),
        ({"max_fit_customers": 0}, r"max_fit_customers == 0, must be >= 1\."),
        ({"top_n": 0}, r"top_n == 0, must be >= 1\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(items_of, changes, message):
    with pytest.raises(ValueError, match=message):
        recommend(items_of(np.eye(2)), **({"top_n": 1} | changes))
