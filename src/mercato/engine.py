"""The one seam between the library and the engine that runs dbt's Python models.

A Python model gets a relation from ``dbt.ref`` and a session to ask questions of; the
functions here turn both into Arrow, so that nothing else knows which engine it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def to_arrow(relation: Any, *columns: str) -> pa.Table:
    """Return the named columns of a relation, or all of them, as an Arrow table."""
    return (relation.select(*columns) if columns else relation).to_arrow_table()


def in_blocks(relation: Any, row_count: int) -> Iterator[pa.Table]:
    """Give the rows of a relation in Arrow tables of at most so many, one at a time."""
    import pyarrow as pa

    for batch in relation.to_arrow_reader(row_count):
        yield pa.Table.from_batches([batch])


def table_exists(session: Any, relation: str) -> bool:
    """Tell whether a table of that name can be read in this session."""
    import duckdb

    try:
        session.sql(f"select * from {relation} limit 0")
    except duckdb.CatalogException:
        return False
    return True


def rows_of_version(session: Any, relation: str, version_id: str) -> Any:
    """Return the rows of one version as a relation that is not read yet."""
    if not version_id.isalnum():
        raise ValueError(f"version_id == {version_id!r}, must be letters and digits.")
    return session.sql(f"select * from {relation} where version_id = '{version_id}'")


def is_empty(relation: Any) -> bool:
    """Tell whether a relation has no row, reading at most one."""
    return relation.limit(1).to_arrow_table().num_rows == 0


def with_ids(table: pa.Table, entity: str, index: Any) -> pa.Table:
    """Return the table with ``<entity>_id`` as its first column.

    The id is found by ``<entity>_index`` in a relation of an index from 0 without gaps
    and an id, in this order. Indices are those of one version, while ids stay the same.
    """
    places, ids = index.columns
    in_order = index.order(places).select(ids).to_arrow_table()[ids]
    return table.add_column(0, f"{entity}_id", in_order.take(table[f"{entity}_index"]))


def with_constants(session: Any, table: pa.Table, **constants: str) -> Any:
    """Return a relation of the table with SQL expressions added as columns."""
    added = ", ".join(f"{sql} as {name}" for name, sql in constants.items())
    return session.from_arrow(table).project(f"*, {added}")
