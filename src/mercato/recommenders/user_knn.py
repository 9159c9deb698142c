"""Recommendations of what the customers most like a customer took interest in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.attributes import unit_rows
from mercato.recommenders.catalogue import on_products
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.neighbours import Vectors, nearest, vectors
from mercato.recommenders.scoring import from_products

# Bounds the neighbours in memory at a time.
CHUNK_CUSTOMERS = 8192


class Neighbours(NamedTuple):
    """The customers that may be neighbours, and what they have.

    customers and products: int64, the indices of the rows and columns of weights,
    ascending. vectors: the rows of weights, to be compared with.
    """

    customers: np.ndarray
    products: np.ndarray
    weights: scipy.sparse.csr_matrix
    vectors: Vectors
    neighbours: int
    shrinkage: float


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    neighbours: int = 100,
    shrinkage: float = 10.0,
    max_pairs: int = 1_000_000_000,
) -> pa.Table:
    """Recommend to each customer what the most similar customers have.

    The neighbours of a customer are those with the largest cosine of their weights
    times n / (n + shrinkage), n being the number of products in common, whatever these
    products are. The score of a product is the sum of similarity * weight over the
    neighbours that have it (Herlocker, Konstan, Borchers and Riedl 1999, without
    centring, for weights that know no dislike).

    Only scores above 0 are kept. Where comparing all customers takes more than
    max_pairs multiply-adds, the products of the most customers do not count towards the
    similarities, though they may be recommended. Nothing is drawn at random: seed
    changes nothing. Returns RECOMMENDATIONS_SCHEMA. Raises ValueError where top_n or
    neighbours is below 1, shrinkage is not finite and at least 0, or max_pairs is
    negative.
    """
    model = fit(
        items,
        seed=seed,
        neighbours=neighbours,
        shrinkage=shrinkage,
        max_pairs=max_pairs,
    )
    return suggest(items, model, top_n=top_n)


def fit(
    items: UserItems,
    *,
    seed: int,
    neighbours: int,
    shrinkage: float,
    max_pairs: int,
) -> Neighbours:
    """Lay out the customers among whom `recommend` looks for neighbours."""
    compared = vectors(items.weights, max_pairs=max_pairs)
    of_items = (items.customers, items.products, items.weights)
    return Neighbours(*of_items, compared, neighbours, shrinkage)


def suggest(items: UserItems, model: Neighbours, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    place = np.searchsorted(model.customers, items.customers)
    is_known = np.isin(items.customers, model.customers)
    own = np.where(is_known, place, -1)

    def left_rows(rows: np.ndarray) -> scipy.sparse.csr_matrix:
        units, _ = unit_rows(items.weights[rows])
        options = {"neighbours": model.neighbours, "shrinkage": model.shrinkage}
        return nearest(model.vectors, units, own[rows], **options)

    return from_products(
        items,
        left_rows,
        model.weights,
        top_n=top_n,
        above=0.0,
        chunk_customers=CHUNK_CUSTOMERS,
    )
