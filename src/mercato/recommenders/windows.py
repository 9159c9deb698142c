"""Run recommenders on the windows of the warehouse's tables.

This is the seam between dbt's Python models, which hold relations of all windows, and
the recommenders, which know the matrix of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

import pyarrow as pa

from mercato import engine
from mercato.recommenders.interactions import UserItems, user_items
from mercato.recommenders.scoring import RECOMMENDATIONS_SCHEMA

JUDGED_WINDOWS = ("validation", "test")
# Which tables a recommender reads besides the interactions.
SIDE_TABLES = {"association": ("pairs",), "content": ("terms",)}

Recommend = Callable[..., pa.Table]


def judged(
    recommend: Recommend,
    interactions: Any,
    targets: Any,
    parameters: Mapping[str, Any],
    **side_tables: Any,
) -> pa.Table:
    """Recommend to the judges of each window whose later orders are known.

    recommend is that of a recommender's module. interactions, targets and side_tables
    are relations with a column window_name; parameters are passed on, except
    `weighting`, which user_items takes. One window at a time is in memory.

    Returns window_name and RECOMMENDATIONS_SCHEMA, sorted by window and customer.
    """
    parts = []
    for window in JUDGED_WINDOWS:
        found = _of_window(
            recommend, window, interactions, targets, parameters, side_tables
        )
        parts.append(_labelled(found, "window_name", window))
    return pa.concat_tables(parts)


def served(
    recommenders: pa.Table,
    interactions: Any,
    targets: Any,
    *,
    top_n: int,
    max_learning_customers: int,
    **side_tables: Any,
) -> engine.Part:
    """Recommend to everybody what each of the served recommenders would suggest.

    recommenders has a row per model_name with its parameters as JSON, null for those
    that SQL computes, which are left out. Returns model_name and
    RECOMMENDATIONS_SCHEMA, sorted by model, customer and rank. Where the interactions
    are too large for this process, it is a DataFrame without an order, and recommenders
    that learn from customers themselves do so from max_learning_customers of them; see
    mercato.recommenders.large.
    """
    is_large = engine.is_large(_in_window(interactions, "serving"))
    parts = [_labelled(RECOMMENDATIONS_SCHEMA.empty_table(), "model_name", "")]
    for part in recommenders.sort_by("model_name").to_pylist():
        if part["parameters"] is None:
            continue
        name = part["model_name"]
        parameters = json.loads(part["parameters"]) | {"top_n": top_n}
        wanted = {table: side_tables[table] for table in SIDE_TABLES.get(name, ())}
        of_window = ("serving", interactions, targets, parameters, wanted)
        if is_large:
            found = _of_large_window(name, max_learning_customers, *of_window)
        else:
            recommend = import_module(f"mercato.recommenders.{name}").recommend
            found = _of_window(recommend, *of_window)
        parts.append(_labelled(found, "model_name", name))
    return engine.together(parts)


def nothing(items: UserItems, **_: Any) -> pa.Table:
    """Recommend nothing: what stands in for a recommender that is not installed."""
    return RECOMMENDATIONS_SCHEMA.empty_table()


def _of_window(
    recommend: Recommend,
    window: str,
    interactions: Any,
    targets: Any,
    parameters: Mapping[str, Any],
    side_tables: Mapping[str, Any],
) -> pa.Table:
    def rows(relation: Any, columns: Iterable[str] = ()) -> pa.Table:
        return engine.to_arrow(_in_window(relation, window), *columns)

    of_model = dict(parameters)
    weighting = of_model.pop("weighting", "log")
    items = user_items(
        rows(interactions, ("customer_index", "product_index", "weight", "is_owned")),
        rows(targets, ("customer_index",)),
        weighting=weighting,
    )
    of_model |= {name: rows(relation) for name, relation in side_tables.items()}
    return recommend(items, **of_model)


def _of_large_window(
    name: str,
    max_learning_customers: int,
    window: str,
    interactions: Any,
    targets: Any,
    parameters: Mapping[str, Any],
    side_tables: Mapping[str, Any],
) -> engine.Part:
    # Imported late: DuckDB has no use for it.
    from mercato.recommenders import large

    everything = _in_window(interactions, window)
    asked = _in_window(targets, window).select("customer_index")
    return large.suggestions(
        name,
        everything.join(asked, "customer_index", "left_semi"),
        parameters,
        max_customers=max_learning_customers,
        **{
            table: engine.to_arrow(_in_window(relation, window))
            for table, relation in side_tables.items()
        },
    )


def _in_window(relation: Any, window: str) -> Any:
    return relation.filter(f"window_name = '{window}'")


def _labelled(part: engine.Part, name: str, value: str) -> engine.Part:
    """Add a column of one value: before the others of a table, after those of Spark."""
    if not isinstance(part, pa.Table):
        return engine.with_constants(part.sparkSession, part, **{name: f"'{value}'"})
    label = pa.repeat(pa.scalar(value, pa.string()), part.num_rows)
    return part.add_column(0, name, label)
