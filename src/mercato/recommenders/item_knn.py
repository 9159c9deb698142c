"""Recommendations of products like those a customer took interest in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.recommenders.catalogue import on_products
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.neighbours import nearest, vectors
from mercato.recommenders.scoring import from_products


class Similarities(NamedTuple):
    """Which products lead to which.

    products: int64 (n,), the product_index of each row and column, ascending.
    scores: float64 csr (n, n), from a product to those that it is a neighbour of.
    """

    products: np.ndarray
    scores: scipy.sparse.csr_matrix


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    neighbours: int = 100,
    shrinkage: float = 10.0,
    max_pairs: int = 2_000_000_000,
) -> pa.Table:
    """Recommend the new products most similar to those of each customer.

    Of each product the neighbours most similar others are kept, by the cosine of their
    columns of weights times n / (n + shrinkage), n being the number of customers in
    common. The score of a product is the sum of similarity * weight over the customer's
    products that are among its neighbours (Sarwar, Karypis, Konstan and Riedl 2001,
    section 3, as a sum because weights know no dislike; shrinkage as Bell and Koren
    2007, section 2.2). The neighbours are those of what is scored, not of what the
    customer has: else popular products, neighbours of nearly everything, would lead.

    Only scores above 0 are kept. Where comparing all products takes more than max_pairs
    multiply-adds, the customers with the most products do not count towards the
    similarities. Nothing is drawn at random: seed changes nothing. Returns
    RECOMMENDATIONS_SCHEMA. Raises ValueError where top_n or neighbours is below 1,
    shrinkage is not finite and at least 0, or max_pairs is negative.
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
) -> Similarities:
    """Find the neighbours by which `recommend` scores."""
    of_products = vectors(items.weights.T.tocsr(), max_pairs=max_pairs)
    similarities = nearest(
        of_products,
        of_products.units,
        np.arange(len(items.products)),
        neighbours=neighbours,
        shrinkage=shrinkage,
    )
    return Similarities(items.products, similarities.T.tocsr())


def of_pairs(pairs: pa.Table) -> Similarities:
    """Lay out similarities that are known for each product and its neighbours.

    pairs has entity_index and neighbour_index, both of products, and a score above 0.

    >>> pairs = {"entity_index": [3], "neighbour_index": [9], "score": [0.5]}
    >>> of_pairs(pa.table(pairs)).scores.toarray().tolist()
    [[0.0, 0.0], [0.5, 0.0]]
    """
    ends = [pairs[f"{end}_index"].to_numpy() for end in ("neighbour", "entity")]
    products = np.union1d(*ends)
    places = tuple(np.searchsorted(products, end) for end in ends)
    shape = (len(products), len(products))
    scores = scipy.sparse.csr_matrix((pairs["score"].to_numpy(), places), shape)
    return Similarities(products, scores)


def suggest(items: UserItems, model: Similarities, *, top_n: int) -> pa.Table:
    """Recommend to each customer by a model, which may know other customers.

    See `recommend`; what a customer gets does not depend on who else is asked.
    """
    items = on_products(items, model.products)
    return from_products(
        items, lambda rows: items.weights[rows], model.scores, top_n=top_n, above=0.0
    )
