"""Recommenders for more customers than one process holds, on Spark.

What a recommender knows of products is learned from what they bound: sums over all
customers (svd, ease, item_knn), tables about products (content, association), or a
sample of customers (the others). By that, executors suggest to some thousands of
customers at a time, who do not depend on each other.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from mercato import engine, similarity_sql
from mercato.recommenders import ease, item_knn, svd
from mercato.recommenders.catalogue import ProductFactors
from mercato.recommenders.gram import MAX_PRODUCTS, Gram, gram_of_pairs
from mercato.recommenders.interactions import check_weighting, user_items
from mercato.recommenders.interactions_sql import (
    entries_query,
    gram_query,
    sample_query,
)
from mercato.views import view_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

BLOCK_CUSTOMERS = 5000
# RECOMMENDATIONS_SCHEMA in the words of Spark.
SPARK_SCHEMA = (
    "customer_index bigint, product_index bigint, recommendation_rank int, score double"
)


class Interactions(NamedTuple):
    """All interactions of a window.

    view: their name in the session of Spark. weighting: as in user_items.
    max_customers: how many are learned from where sums do not do.
    """

    session: Any
    view: str
    weighting: str
    max_customers: int


def suggestions(
    name: str,
    interactions: DataFrame,
    parameters: Mapping[str, Any],
    *,
    max_customers: int,
    **side_tables: pa.Table,
) -> DataFrame:
    """Recommend to everybody by the recommender of that name.

    interactions are those of a window; parameters are those of the recommender's
    `recommend` and `weighting`, which user_items takes; side_tables are what it reads
    besides interactions. Returns RECOMMENDATIONS_SCHEMA without an order, computed when
    it is read. Nothing is collected but what products and max_customers bound.

    Raises ValueError where weighting is unknown, or where that is more than
    `spark.mercato.maxRows` allows.
    """
    module = import_module(f"mercato.recommenders.{name}")
    of_model = _defaults(module) | parameters
    weighting, top_n = of_model.pop("weighting", "log"), of_model.pop("top_n")
    check_weighting(weighting)
    if side_tables:
        model = module.fit(**side_tables, **of_model)
    else:
        session, view = interactions.sparkSession, view_of(interactions)
        source = Interactions(session, view, weighting, max_customers)
        learn = LEARNERS.get(name, partial(_from_sample, module))
        model = learn(source, **of_model)

    def suggest(block: pa.Table) -> pa.Table:
        items = user_items(block, weighting=weighting)
        return module.suggest(items, model, top_n=top_n)

    block = f"customer_index div {BLOCK_CUSTOMERS} as customer_block"
    blocks = interactions.selectExpr("*", block).groupBy("customer_block")
    # Executors get the function with all that it holds.
    return blocks.applyInArrow(suggest, SPARK_SCHEMA)


def _defaults(module: ModuleType) -> dict[str, Any]:
    parameters = inspect.signature(module.recommend).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _from_sample(module: ModuleType, source: Interactions, **parameters: Any) -> Any:
    """Learn from some customers by the same code as from all."""
    rows = _collected(source, sample_query(source.view, source.max_customers))
    return module.fit(user_items(rows, weighting=source.weighting), **parameters)


def _svd(source: Interactions, **parameters: Any) -> ProductFactors:
    """Learn from all customers; where there are too many products, from a sample."""
    query = f"select count(distinct product_index) as n from {source.view}"
    if _collected(source, query)["n"][0].as_py() > MAX_PRODUCTS:
        return _from_sample(svd, source, **parameters)
    return svd.fit_gram(_gram(source, MAX_PRODUCTS), **parameters)


def _ease(
    source: Interactions, *, l2: float, max_products: int, seed: int
) -> ease.ItemWeights:
    return ease.fit_gram(_gram(source, max_products), l2=l2)


def _gram(source: Interactions, max_products: int) -> Gram:
    query = gram_query(source.view, source.weighting, max_products)
    return gram_of_pairs(_collected(source, query))


def _item_knn(
    source: Interactions,
    *,
    neighbours: int,
    shrinkage: float,
    max_pairs: int,
    seed: int,
) -> item_knn.Similarities:
    entries = source.session.sql(entries_query(source.view, source.weighting))
    found = similarity_sql.neighbours(
        source.session,
        view_of(entries),
        top_k=neighbours,
        shrinkage={"cosine": shrinkage},
        max_pairs=max_pairs,
        max_counted_pairs=max_pairs,
        above=0,
    )
    query = f"select entity_index, neighbour_index, score from {view_of(found)}"
    return item_knn.of_pairs(_collected(source, query))


# Who does not need a sample.
LEARNERS = {"svd": _svd, "ease": _ease, "item_knn": _item_knn}


def _collected(source: Interactions, query: str) -> pa.Table:
    """Compute a query once, though its rows are counted before they are read."""
    frame = source.session.sql(query).persist()
    try:
        return engine.to_arrow(frame)
    finally:
        frame.unpersist()
