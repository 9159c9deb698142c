"""Small interactions for recommenders, from dense matrices."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest


@pytest.fixture
def interactions_of() -> Callable[..., pa.Table]:
    """Give the way to list the entries above 0 of a matrix of weights."""

    def interactions_of(weights, is_owned=True) -> pa.Table:
        weights = np.asarray(weights, dtype=float)
        customers, products = np.nonzero(weights)
        return pa.table(
            {
                "customer_index": customers,
                "product_index": products,
                "weight": weights[customers, products],
                "is_owned": np.broadcast_to(is_owned, weights.shape)[
                    customers, products
                ],
            }
        )

    return interactions_of


@pytest.fixture
def random_weights() -> Callable[..., np.ndarray]:
    """Give the way to make a sparse matrix of whole weights from 1 to 5."""

    def random_weights(seed, customers=60, products=40, density=0.2) -> np.ndarray:
        rng = np.random.default_rng(seed)
        shape = (customers, products)
        return rng.integers(1, 6, shape) * (rng.random(shape) < density)

    return random_weights


@pytest.fixture
def as_tuples() -> Callable[[pa.Table], list[tuple]]:
    """Give the way to read customer, product, rank and score of recommendations."""
    return lambda table: [tuple(row.values()) for row in table.to_pylist()]


@pytest.fixture
def best_by_brute_force() -> Callable[..., list[tuple]]:
    """Give the way to rank a dense matrix of scores for the rows asked."""

    def best_by_brute_force(items, scores, top_n, above=0.0) -> list[tuple]:
        found = []
        for row in items.asked:
            of_row = np.round(np.asarray(scores[row], dtype=np.float64), 6)
            of_row[items.owned[row].indices] = -np.inf
            order = np.argsort(-of_row, kind="stable")[:top_n]
            found += [
                (int(items.customers[row]), int(items.products[column]), place + 1, x)
                for place, (column, x) in enumerate(
                    (column, of_row[column]) for column in order
                )
                if x > above
            ]
        return found

    return best_by_brute_force
