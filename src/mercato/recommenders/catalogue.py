"""More products than anybody has touched, or fewer: those that a recommender scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse

from mercato.recommenders.interactions import UserItems


class ProductFactors(NamedTuple):
    """What a factorisation knows of products, which customers are scored by.

    products: int64 (n,), the product_index of each row, ascending.
    factors: float64 (n, f).
    """

    products: np.ndarray
    factors: np.ndarray


def with_products(items: UserItems, product_index: np.ndarray) -> UserItems:
    """Add columns without interactions for the products that have none yet.

    product_index is int64, in any order and with repetitions; the columns of the result
    are ascending again.

    >>> one = scipy.sparse.csr_matrix([[1.0]])
    >>> items = UserItems(np.array([0]), np.array([5]), one, one > 0, np.array([0]))
    >>> wider = with_products(items, np.array([2, 5]))
    >>> wider.products.tolist(), wider.weights.toarray().tolist()
    ([2, 5], [[0.0, 1.0]])
    """
    products = np.union1d(items.products, product_index)
    place = np.searchsorted(products, items.products)
    shape = (len(items.customers), len(products))
    weights, owned = (
        scipy.sparse.csr_matrix((part.data, place[part.indices], part.indptr), shape)
        for part in (items.weights, items.owned)
    )
    return items._replace(products=products, weights=weights, owned=owned)


def on_products(items: UserItems, product_index: np.ndarray) -> UserItems:
    """Have a column for each of these products and for no other.

    product_index is int64, ascending. What is known of other products is left out, of
    those that own them too.

    >>> row = scipy.sparse.csr_matrix([[1.0, 2.0]])
    >>> items = UserItems(np.array([0]), np.array([5, 7]), row, row > 0, np.array([0]))
    >>> on_products(items, np.array([2, 7])).weights.toarray().tolist()
    [[0.0, 2.0]]
    """
    if np.array_equal(items.products, product_index):
        return items
    kept = np.isin(items.products, product_index)
    known = items._replace(
        products=items.products[kept],
        weights=items.weights[:, kept],
        owned=items.owned[:, kept],
    )
    return with_products(known, product_index)


def most_popular(items: UserItems, max_products: int) -> UserItems:
    """Keep only the max_products columns that the most customers have touched.

    Equal counts keep the lower product_index. Raises ValueError where max_products is
    below 1.

    >>> two = scipy.sparse.csr_matrix([[1.0, 0.0], [1.0, 1.0]])
    >>> items = UserItems(np.arange(2), np.array([7, 9]), two, two > 0, np.arange(2))
    >>> most_popular(items, 1).products.tolist()
    [7]
    """
    if max_products < 1:
        raise ValueError(f"max_products == {max_products}, must be >= 1.")
    if len(items.products) <= max_products:
        return items
    counts = np.bincount(items.weights.indices, minlength=len(items.products))
    kept = np.sort(np.argsort(-counts, kind="stable")[:max_products])
    return on_products(items, items.products[kept])
