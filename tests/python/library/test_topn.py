import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from threadpoolctl import threadpool_limits

from mercato.topn import top_n_columns, top_n_products


def brute_force(customers, products, owned, n):
    """Sort every score, by descending score and ascending product."""
    scores = customers.astype(np.float32) @ products.astype(np.float32).T
    scores[owned.toarray() != 0] = -np.inf
    return sorted_rows(scores, n)


def sorted_rows(scores, n):
    """Sort each row, by descending score and ascending column, and keep n."""
    width = min(n, scores.shape[1])
    index = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    order = np.lexsort((index, -scores), axis=1)[:, :width]
    best = np.take_along_axis(scores, order, axis=1)
    padding = ((0, 0), (0, n - width))
    best = np.pad(best, padding, constant_values=-np.inf)
    order = np.pad(order, padding, constant_values=-1)
    return np.where(best == -np.inf, -1, order), best


def random_case(seed, customers, products, factors, density, values=None):
    """Make factors (few distinct values make ties) and owned products."""
    rng = np.random.default_rng(seed)
    if values is None:
        left, right = (
            rng.standard_normal((rows, factors)) for rows in (customers, products)
        )
    else:
        left, right = (
            rng.choice(values, size=(rows, factors)) for rows in (customers, products)
        )
    owned = scipy.sparse.csr_matrix(rng.random((customers, products)) < density)
    return left, right, owned


def test_hand_computed_scores_rank_by_value_then_index():
    customers = np.array([[1.0, 0.0], [1.0, 1.0]])
    products = np.array([[1.0, 5.0], [2.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    owned = scipy.sparse.csr_matrix(np.array([[0, 1, 0, 0], [0, 0, 0, 0]]))
    indices, scores = top_n_products(customers, products, owned, n=3)
    assert indices.tolist() == [[0, 2, 3], [0, 1, 2]]
    assert scores.tolist() == [[1, 1, 0], [6, 2, 2]]
    assert indices.dtype == np.int32
    assert scores.dtype == np.float32


@pytest.mark.parametrize("n", [1, 7, 50, 499, 500, 600])
def test_random_scores_match_brute_force(n):
    case = random_case(1, customers=90, products=500, factors=8, density=0.1)
    indices, scores = top_n_products(*case, n=n, block_rows=32)
    expected_indices, expected_scores = brute_force(*case, n)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(scores, expected_scores, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("values", [[0.0], [0.0, 1.0], [-1.0, 0.0, 1.0]])
@pytest.mark.parametrize("n", [1, 10, 300])
def test_ties_everywhere_match_brute_force(values, n):
    case = random_case(2, 60, 300, factors=3, density=0.3, values=values)
    found = top_n_products(*case, n=n, block_rows=16)
    for actual, expected in zip(found, brute_force(*case, n), strict=True):
        np.testing.assert_array_equal(actual, expected)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), n=st.integers(1, 12), block_rows=st.integers(1, 5))
def test_any_small_case_matches_brute_force(data, n, block_rows):
    rows, columns, factors = (data.draw(st.integers(0, limit)) for limit in (8, 30, 3))
    # Small integers are exact in float32, so that brute force ties where we tie.
    whole = st.integers(-3, 3).map(float)
    customers = data.draw(hnp.arrays(np.float64, (rows, factors), elements=whole))
    products = data.draw(hnp.arrays(np.float64, (columns, factors), elements=whole))
    owned = scipy.sparse.csr_matrix(data.draw(hnp.arrays(bool, (rows, columns))))
    found = top_n_products(customers, products, owned, n=n, block_rows=block_rows)
    expected = brute_force(customers, products, owned, n)
    for actual, wanted in zip(found, expected, strict=True):
        np.testing.assert_array_equal(actual, wanted)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 7, 299, 300, 400])
@pytest.mark.parametrize("values", [[-np.inf, 0.0, 1.0], np.linspace(-1, 1, 9999)])
def test_columns_of_any_block_match_brute_force(values, n, dtype):
    scores = np.random.default_rng(6).choice(values, (50, 300)).astype(dtype)
    found = top_n_columns(scores, n=n)
    assert found.scores.dtype == dtype
    for actual, expected in zip(found, sorted_rows(scores, n), strict=True):
        np.testing.assert_array_equal(actual, expected)


def test_scores_that_float32_confuses_are_told_apart():
    scores = 1 + np.array([[1.0, 3.0, 2.0, 3.0]]) * 1e-12
    assert top_n_columns(scores, n=3).indices.tolist() == [[1, 3, 2]]


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_empty_block_gives_padding(shape):
    found = top_n_columns(np.ones(shape), n=4)
    assert found.indices.shape == found.scores.shape == (shape[0], 4)
    assert (found.indices == -1).all()


@pytest.mark.parametrize(
    ("scores", "n", "message"),
    [
        (np.ones((2, 2)), 0, r"n == 0, must be >= 1\."),
        (np.ones(2), 1, r"scores\.ndim == 1, must be == 2\."),
        (np.array([[1.0, np.nan]]), 1, r"scores\.max\(\) == nan, must be finite\."),
        (np.array([[1.0, np.inf]]), 1, r"scores\.max\(\) == inf, must be finite\."),
    ],
)
def test_bad_block_is_refused(scores, n, message):
    with pytest.raises(ValueError, match=message):
        top_n_columns(scores, n=n)


def test_customer_owning_everything_gets_padding():
    owned = scipy.sparse.csr_matrix(np.array([[1, 1, 1], [0, 1, 0]]))
    indices, scores = top_n_products(np.ones((2, 1)), np.ones((3, 1)), owned, n=2)
    assert indices.tolist() == [[-1, -1], [0, 2]]
    assert scores.tolist() == [[-np.inf, -np.inf], [1, 1]]


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_empty_inputs_give_padding_of_the_right_shape(shape):
    found = top_n_products(np.ones((shape[0], 2)), np.ones((shape[1], 2)), n=4)
    assert found.indices.shape == found.scores.shape == (shape[0], 4)
    assert (found.indices == -1).all()


def test_stored_zero_in_owned_still_excludes():
    owned = scipy.sparse.csr_matrix(([0.0], ([0], [1])), shape=(1, 2))
    found = top_n_products(np.ones((1, 1)), np.array([[1.0], [9.0]]), owned, n=2)
    assert found.indices.tolist() == [[0, -1]]


def test_result_does_not_depend_on_threads():
    case = random_case(3, customers=700, products=900, factors=16, density=0.02)
    many = top_n_products(*case, n=10, block_rows=64)
    with threadpool_limits(1):
        one = top_n_products(*case, n=10, block_rows=64)
    np.testing.assert_array_equal(many.indices, one.indices)
    np.testing.assert_array_equal(many.scores, one.scores)


def test_order_of_customers_does_not_change_their_products():
    left, right, owned = random_case(4, 200, 400, factors=4, density=0.05)
    order = np.random.default_rng(5).permutation(len(left))
    straight = top_n_products(left, right, owned, n=5)
    shuffled = top_n_products(left[order], right, owned[order], n=5)
    np.testing.assert_array_equal(shuffled.indices, straight.indices[order])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n": 0}, r"n == 0, must be >= 1\."),
        ({"block_rows": 0}, r"block_rows == 0, must be >= 1\."),
        ({"customer_factors": np.ones(3)}, r"customer_factors\.ndim == 1"),
        ({"product_factors": np.ones((3, 1))}, r"shape\[1\] == 1, must be == 2\."),
        ({"product_factors": np.array([[0, np.nan]])}, r"\[0, 1\] == nan"),
        ({"customer_factors": np.array([[np.inf, 0]])}, r"\[0, 0\] == inf"),
        ({"customer_factors": np.full((1, 2), 1e39)}, r"\[0, 0\] == inf"),
        ({"customer_factors": np.full((1, 2), 3e38)}, "must be <= 3.4"),
        ({"owned": scipy.sparse.csr_matrix((2, 2))}, r"owned\.shape == \(2, 2\)"),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message):
    good = {
        "customer_factors": np.ones((1, 2)),
        "product_factors": np.ones((3, 2)) * 2,
        "n": 1,
    }
    with pytest.raises(ValueError, match=message):
        top_n_products(**(good | changes))
