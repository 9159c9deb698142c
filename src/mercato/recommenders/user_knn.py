"""Recommendations of what the customers most like a customer took interest in."""

from __future__ import annotations

import pyarrow as pa

from mercato.recommenders.interactions import UserItems
from mercato.recommenders.neighbours import nearest, vectors
from mercato.recommenders.scoring import from_products

# Bounds the neighbours in memory at a time.
CHUNK_CUSTOMERS = 8192


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
    of_customers = vectors(items.weights, max_pairs=max_pairs)
    return from_products(
        items,
        lambda rows: nearest(
            of_customers, rows, neighbours=neighbours, shrinkage=shrinkage
        ),
        items.weights,
        top_n=top_n,
        above=0.0,
        chunk_customers=CHUNK_CUSTOMERS,
    )
