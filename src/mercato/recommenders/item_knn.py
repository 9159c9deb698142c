"""Recommendations of products like those a customer took interest in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mercato.recommenders.interactions import UserItems
from mercato.recommenders.neighbours import nearest, vectors
from mercato.recommenders.scoring import from_products


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
    of_products = vectors(items.weights.T.tocsr(), max_pairs=max_pairs)
    similarities = nearest(
        of_products,
        np.arange(len(items.products)),
        neighbours=neighbours,
        shrinkage=shrinkage,
    )
    del of_products
    return from_products(
        items,
        lambda rows: items.weights[rows],
        similarities.T.tocsr(),
        top_n=top_n,
        above=0.0,
    )
