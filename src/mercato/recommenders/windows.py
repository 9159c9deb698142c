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
    **side_tables: Any,
) -> pa.Table:
    """Recommend to everybody what each of the served recommenders would suggest.

    recommenders has a row per model_name with its parameters as JSON, null for those
    that SQL computes, which are left out. Returns model_name and
    RECOMMENDATIONS_SCHEMA, sorted by model, customer and rank.
    """
    parts = [_labelled(RECOMMENDATIONS_SCHEMA.empty_table(), "model_name", "")]
    for part in recommenders.sort_by("model_name").to_pylist():
        if part["parameters"] is None:
            continue
        name = part["model_name"]
        recommend = import_module(f"mercato.recommenders.{name}").recommend
        parameters = json.loads(part["parameters"]) | {"top_n": top_n}
        wanted = {table: side_tables[table] for table in SIDE_TABLES.get(name, ())}
        found = _of_window(
            recommend, "serving", interactions, targets, parameters, wanted
        )
        parts.append(_labelled(found, "model_name", name))
    return pa.concat_tables(parts)


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
        return engine.to_arrow(relation.filter(f"window_name = '{window}'"), *columns)

    of_model = dict(parameters)
    weighting = of_model.pop("weighting", "log")
    items = user_items(
        rows(interactions, ("customer_index", "product_index", "weight", "is_owned")),
        rows(targets, ("customer_index",)),
        weighting=weighting,
    )
    of_model |= {name: rows(relation) for name, relation in side_tables.items()}
    return recommend(items, **of_model)


def _labelled(table: pa.Table, name: str, value: str) -> pa.Table:
    label = pa.repeat(pa.scalar(value, pa.string()), table.num_rows)
    return table.add_column(0, name, label)
