"""Recommendations from a linear model between products (EASE)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.linalg
import scipy.sparse
from threadpoolctl import threadpool_limits

from mercato.recommenders.catalogue import most_popular, on_products
from mercato.recommenders.gram import BLOCK_PRODUCTS, MAX_PRODUCTS, Gram, gram_of
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.scoring import from_blocks


class ItemWeights(NamedTuple):
    """What each product adds to the score of each other.

    products: int64 (n,), the product_index of each row and column, ascending.
    weights: float32 (n, n), from the row's product to the column's.
    """

    products: np.ndarray
    weights: np.ndarray


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    l2: float = 200.0,
    max_products: int = MAX_PRODUCTS,
) -> pa.Table:
    """Recommend what a linear model foresees from a customer's other products.

    With X the matrix of weights, the scores are X B, B being the matrix of zero
    diagonal with the smallest |X - X B|^2 + l2 |B|^2 (Steck 2019, section 3.1). The
    larger l2, the less a pair that few customers share counts.

    The model takes memory by the square and time by the cube of the number of products.
    Only the max_products that the most customers have (equal counts by lower index)
    enter it; the others get no score and tell nothing about the rest.

    Only scores above 0 are kept. Nothing is drawn at random: seed changes nothing.
    Returns RECOMMENDATIONS_SCHEMA. Raises ValueError where top_n or max_products is
    below 1 or l2 is not finite and above 0.
    """
    model = fit(items, seed=seed, l2=l2, max_products=max_products)
    return suggest(items, model, top_n=top_n)


def fit(items: UserItems, *, seed: int, l2: float, max_products: int) -> ItemWeights:
    """Learn the model by which `recommend` scores."""
    items = most_popular(items, max_products)
    return fit_gram(Gram(items.products, gram_of(items.weights)), l2=l2)


def fit_gram(gram: Gram, *, l2: float) -> ItemWeights:
    """Learn the model from the sums over all customers, whose memory it takes."""
    # In rows, or each block of scores would take a copy of it.
    weights = _item_weights(gram.sums, l2).astype(np.float32, order="C")
    return ItemWeights(gram.products, weights)


def suggest(items: UserItems, model: ItemWeights, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    weights = items.weights.astype(np.float32)
    return from_blocks(
        items, lambda rows: weights[rows] @ model.weights, top_n=top_n, above=0
    )


def item_weights(matrix: scipy.sparse.csr_matrix, *, l2: float) -> np.ndarray:
    """Compute the float64 (columns, columns) matrix B of EASE, of zero diagonal.

    B = I - P diag(1 / diag(P)) with P = (X^T X + l2 I)^-1 (Steck 2019, equation 8).
    Raises ValueError where l2 is not finite and above 0.

    >>> matrix = scipy.sparse.csr_matrix([[1.0, 1.0], [1.0, 0.0]])
    >>> item_weights(matrix, l2=2.0).round(4).tolist()
    [[0.0, 0.25], [0.3333, 0.0]]
    """
    return _item_weights(gram_of(matrix), l2)


def _item_weights(gram: np.ndarray, l2: float) -> np.ndarray:
    if not 0 < l2 < np.inf:
        raise ValueError(f"l2 == {l2}, must be finite and > 0.")
    gram[np.diag_indices_from(gram)] += l2
    if gram.size:
        # One thread: sums then have one order, whatever the machine.
        with threadpool_limits(1):
            inverse = _inverse(gram)
    else:
        inverse = gram
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0.0)
    return inverse


def _inverse(gram: np.ndarray) -> np.ndarray:
    """Invert a positive definite matrix in its own memory, by Cholesky."""
    factor, _ = scipy.linalg.cho_factor(
        gram, lower=True, overwrite_a=True, check_finite=False
    )
    inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=True, overwrite_c=True)
    # Only the lower triangle is computed. In blocks, as a copy of all takes memory.
    for start in range(0, len(inverse), BLOCK_PRODUCTS):
        stop = start + BLOCK_PRODUCTS
        square = np.tril(inverse[start:stop, start:stop])
        inverse[start:stop, start:stop] = square + np.tril(square, -1).T
        inverse[start:stop, stop:] = inverse[stop:, start:stop].T
    return inverse
