"""Where in their lists customers find the products that they went on to want.

All definitions are those of the ranx library with binary relevance. The warehouse does
the same in SQL; this is for tuning and for benchmarks, where no warehouse is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa


class Hits(NamedTuple):
    """Where the relevant products are in the lists of n customers.

    is_hit: bool (n, k), whether the product at rank 1 to k is relevant.
    relevant_count: int64 (n,), how many products are relevant, at least 1.
    """

    is_hit: np.ndarray
    relevant_count: np.ndarray


def hits(recommendations: pa.Table, relevant: pa.Table, *, k: int) -> Hits:
    """Find the relevant products in each list's first k.

    recommendations has customer_index, product_index and recommendation_rank from 1,
    relevant has customer_index and product_index, each pair once. Rows are the
    customers of relevant in ascending order; one without a list has no hits. Raises
    ValueError where k is below 1.
    """
    if k < 1:
        raise ValueError(f"k == {k}, must be >= 1.")
    customers, counts = np.unique(relevant["customer_index"], return_counts=True)
    is_hit = np.zeros((len(customers), k), dtype=bool)
    rank = recommendations["recommendation_rank"].to_numpy()
    width = 1 + max(_largest_product(recommendations), _largest_product(relevant))
    found = np.isin(_pairs(recommendations, width), _pairs(relevant, width))
    found &= rank <= k
    row = np.searchsorted(customers, recommendations["customer_index"].filter(found))
    is_hit[row, rank[found] - 1] = True
    return Hits(is_hit, counts)


def _largest_product(table: pa.Table) -> int:
    return int(np.max(table["product_index"].to_numpy(), initial=0))


def _pairs(table: pa.Table, width: int) -> np.ndarray:
    """Give each pair of customer and product its own number."""
    customer = table["customer_index"].to_numpy().astype(np.int64)
    return customer * width + table["product_index"].to_numpy()


def precision(found: Hits, k: int) -> np.ndarray:
    """Hits among the first k, over k."""
    return found.is_hit[:, :k].sum(axis=1) / k


def recall(found: Hits, k: int) -> np.ndarray:
    """Hits among the first k, over all relevant products."""
    return found.is_hit[:, :k].sum(axis=1) / found.relevant_count


def f1(found: Hits, k: int) -> np.ndarray:
    """Harmonic mean of precision and recall, 0 where there is no hit."""
    both = precision(found, k), recall(found, k)
    return 2 * both[0] * both[1] / np.maximum(both[0] + both[1], np.finfo(float).tiny)


def hit_rate(found: Hits, k: int) -> np.ndarray:
    """1 where there is a hit among the first k, else 0."""
    return found.is_hit[:, :k].any(axis=1).astype(float)


def reciprocal_rank(found: Hits, k: int) -> np.ndarray:
    """1 over the rank of the first hit, 0 where there is none among the first k."""
    first = found.is_hit[:, :k].argmax(axis=1) + 1
    return hit_rate(found, k) / first


def average_precision(found: Hits, k: int) -> np.ndarray:
    """Precision at each hit among the first k, summed, over all relevant products."""
    is_hit = found.is_hit[:, :k]
    at_rank = np.cumsum(is_hit, axis=1) / np.arange(1, is_hit.shape[1] + 1)
    return (at_rank * is_hit).sum(axis=1) / found.relevant_count


def ndcg(found: Hits, k: int) -> np.ndarray:
    """Sum of 1 / log2(rank + 1) over hits, over that of min(k, relevant) first hits.

    >>> ndcg(Hits(np.array([[False, True]]), np.array([1])), 2).round(6).tolist()
    [0.63093]
    """
    is_hit = found.is_hit[:, :k]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discounts)[np.minimum(found.relevant_count, k) - 1]
    return is_hit @ discounts[: is_hit.shape[1]] / ideal


METRICS: dict[str, Callable[[Hits, int], np.ndarray]] = {
    "precision": precision,
    "recall": recall,
    "f1": f1,
    "ndcg": ndcg,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "hit_rate": hit_rate,
}
