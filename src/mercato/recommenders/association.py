"""Recommendations from rules: who buys one product also buys another with it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse

from mercato.recommenders.catalogue import on_products
from mercato.recommenders.interactions import UserItems
from mercato.recommenders.scoring import from_blocks

PAIRS_SCHEMA = pa.schema(
    [
        (name, pa.int64())
        for name in (
            "product_index",
            "other_product_index",
            "basket_count",
            "product_basket_count",
            "other_basket_count",
            "all_basket_count",
        )
    ]
)


class Rules(NamedTuple):
    """The confidence of each rule that counts.

    products: int64 (n,), the product_index of each row and column, ascending.
    confidence: float64 csr (n, n), from the row's product to the column's.
    """

    products: np.ndarray
    confidence: scipy.sparse.csr_matrix


def recommend(
    items: UserItems,
    *,
    top_n: int,
    seed: int = 0,
    pairs: pa.Table,
    minimum_basket_count: int = 3,
) -> pa.Table:
    """Recommend what is bought in the same baskets as a customer's products.

    pairs has one row per ordered pair of product_index and other_product_index, so both
    directions of a pair, with the number of baskets that hold both, the one, the other,
    and of all baskets. A rule from product to other has (Agrawal, Imielinski and Swami
    1993; Brin, Motwani, Ullman and Tsur 1997)

        confidence = basket_count / product_basket_count
        lift = confidence / (other_basket_count / all_basket_count)

    and counts where basket_count >= minimum_basket_count and lift > 1: neither chance
    nor mere popularity makes a rule. The score of a product is the sum, over the
    products the customer touched, of interaction weight times the confidence of the
    rule from there (the conditional probability of Deshpande and Karypis 2004, section
    4.1.2); with weighting 'binary' that is the sum of the confidences.

    Products without a rule to them are left out, as are customers without a rule from
    what they touched. seed is not used: nothing is random. Returns
    RECOMMENDATIONS_SCHEMA, sorted by customer and rank; ties rank by lower
    product_index. Raises ValueError where top_n or minimum_basket_count is below 1, a
    value of pairs is null, an index negative, a product paired with itself, a pair is
    there twice, or counts contradict each other.
    """
    rules = fit(pairs=pairs, seed=seed, minimum_basket_count=minimum_basket_count)
    return suggest(items, rules, top_n=top_n)


def fit(*, pairs: pa.Table, seed: int, minimum_basket_count: int) -> Rules:
    """Find the rules by which `recommend` scores."""
    if minimum_basket_count < 1:
        raise ValueError(
            f"minimum_basket_count == {minimum_basket_count}, must be >= 1."
        )
    counts = _checked(pairs)
    product, other = counts["product_index"], counts["other_product_index"]
    confidence = counts["basket_count"] / counts["product_basket_count"]
    # lift > 1 in integers: at exactly 1 no rounding decides.
    is_rule = (counts["basket_count"] >= minimum_basket_count) & (
        counts["basket_count"] * counts["all_basket_count"]
        > counts["product_basket_count"] * counts["other_basket_count"]
    )
    product, other = product[is_rule], other[is_rule]
    products = np.union1d(product, other)
    places = (np.searchsorted(products, product), np.searchsorted(products, other))
    shape = (len(products), len(products))
    rules = scipy.sparse.csr_matrix((confidence[is_rule], places), shape)
    return Rules(products, rules)


def suggest(items: UserItems, model: Rules, *, top_n: int) -> pa.Table:
    """Recommend to each customer by rules between products; see `recommend`."""
    items = on_products(items, model.products)

    def score_rows(rows: np.ndarray) -> np.ndarray:
        return (items.weights[rows] @ model.confidence).toarray()

    return from_blocks(items, score_rows, top_n=top_n, above=0.0)


def _checked(pairs: pa.Table) -> dict[str, np.ndarray]:
    """Read the columns sorted by pair; refuse what no baskets can count to."""
    pairs = pairs.select(PAIRS_SCHEMA.names).cast(PAIRS_SCHEMA)
    for name in PAIRS_SCHEMA.names:
        if pairs[name].null_count:
            raise ValueError(f"{name} has {pairs[name].null_count} nulls, must be 0.")
    keys = PAIRS_SCHEMA.names[:2]
    pairs = pairs.sort_by([(name, "ascending") for name in keys]).combine_chunks()
    columns = {name: pairs[name].to_numpy() for name in PAIRS_SCHEMA.names}
    product, other, both, alone, others, baskets = columns.values()
    is_repeated = (np.diff(product) == 0) & (np.diff(other) == 0)
    for name, bad, bound in (
        ("product_index", product < 0, ">= 0"),
        ("other_product_index", other < 0, ">= 0"),
        ("other_product_index", other == product, "another product"),
        (
            "other_product_index",
            np.append(False, is_repeated)[: len(product)],
            "unique",
        ),
        ("basket_count", both < 1, ">= 1"),
        ("product_basket_count", alone < both, ">= basket_count"),
        ("other_basket_count", others < both, ">= basket_count"),
        ("all_basket_count", baskets < alone + others - both, ">= baskets of either"),
    ):
        if bad.any():
            row = pairs.slice(int(np.argmax(bad)), 1).to_pylist()[0]
            raise ValueError(f"{name} == {row[name]} in {row}, must be {bound}.")
    return columns
