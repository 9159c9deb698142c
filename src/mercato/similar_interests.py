"""Who is drawn to the same products, and what draws the same customers.

This is the seam between dbt's Python models, which hold relations of either engine, and
the similarities: those of mercato.similarity for what fits one process, and those of
mercato.similarity_sql for what does not.
"""

from __future__ import annotations

from typing import Any

from mercato import engine, similarity, similarity_sql
from mercato.views import view_of


def similar_interests(
    session: Any, interactions: Any, entity: str, attribute: str, **parameters: Any
) -> engine.Part:
    """Find the entities that are most similar by their interactions of all times.

    interactions is a relation with a row per window_name, ``<entity>_index`` and
    ``<attribute>_index`` and a weight, of which the window `serving` counts; parameters
    are those of mercato.similarity.neighbours, which defines what is returned, with the
    columns named after entity and attribute. Nothing that grows with the entries is
    collected where these are large.
    """
    columns = (f"{entity}_index", f"{attribute}_index", "weight")
    serving = interactions.filter("window_name = 'serving'").select(*columns)
    names = [
        f"{entity}_index",
        f"similar_{entity}_index",
        "metric",
        "similarity_rank",
        "similarity_score",
        "unshrunk_score",
        f"common_{attribute}_count",
        "method",
    ]
    if engine.is_large(serving):
        entries = serving.toDF("entity_index", "attribute_index", "weight")
        found = similarity_sql.neighbours(session, view_of(entries), **parameters)
        return found.toDF(*names)
    arrays = (column.to_numpy() for column in engine.to_arrow(serving).columns)
    return similarity.neighbours(*arrays, **parameters).rename_columns(names)
