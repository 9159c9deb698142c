"""More products than anybody has touched, for recommenders that can score them."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from mercato.recommenders.interactions import UserItems


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
    return items._replace(
        products=items.products[kept],
        weights=items.weights[:, kept],
        owned=items.owned[:, kept],
    )
