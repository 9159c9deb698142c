"""The one seam between the library and the engine that runs dbt's Python models.

A Python model gets tables from ``dbt.ref`` and a session to ask questions of: relations
and a connection of DuckDB, or DataFrames and a session of Spark. The functions here
decide by their type and turn both into Arrow, so that nothing else knows which it is.
Both have ``select``, ``filter``, ``limit`` and ``columns``, which may be used as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# A setting of the Spark session: how many rows may come to the process that runs dbt.
MAX_ROWS_SETTING = "spark.mercato.maxRows"
MAX_ROWS = 20_000_000


def to_arrow(relation: Any, *columns: str) -> pa.Table:
    """Return the named columns of a relation, or all of them, as an Arrow table.

    Raises:
        ValueError: On Spark the relation has more rows than the setting
            `spark.mercato.maxRows` allows.

    """
    chosen = relation.select(*columns) if columns else relation
    return _collected(chosen) if _is_spark(chosen) else chosen.to_arrow_table()


def in_blocks(relation: Any, row_count: int, *order_by: str) -> Iterator[pa.Table]:
    """Give the rows of a relation in Arrow tables of at most so many, one at a time.

    Rows come in the order of the named columns. DuckDB keeps what is not asked for yet;
    of Spark the process that runs dbt holds all rows, which are limited as in to_arrow.
    """
    import pyarrow as pa

    ordered = _in_order(relation, *order_by)
    if _is_spark(ordered):
        table = to_arrow(ordered)
        for start in range(0, table.num_rows, row_count):
            yield table.slice(start, row_count)
        return
    for batch in ordered.to_arrow_reader(row_count):
        yield pa.Table.from_batches([batch])


def table_exists(session: Any, relation: str) -> bool:
    """Tell whether a table of that name can be read in this session."""
    if _is_spark(session):
        return session.catalog.tableExists(relation)
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
    return to_arrow(relation.limit(1)).num_rows == 0


def with_ids(table: pa.Table, entity: str, index: Any) -> pa.Table:
    """Return the table with ``<entity>_id`` as its first column.

    The id is found by ``<entity>_index`` in a relation of an index from 0 without gaps
    and an id, in this order. Indices are those of one version, while ids stay the same.
    """
    places, ids = index.columns
    entity_ids = to_arrow(_in_order(index, places), ids)[ids]
    return table.add_column(
        0, f"{entity}_id", entity_ids.take(table[f"{entity}_index"])
    )


def with_constants(session: Any, table: pa.Table, **constants: str) -> Any:
    """Return a relation of the table with SQL expressions added as columns."""
    added = [f"{sql} as {name}" for name, sql in constants.items()]
    if _is_spark(session):
        # Of a table that begins with two chunks without rows, Spark 4.3 reads none.
        return session.createDataFrame(table.combine_chunks()).selectExpr("*", *added)
    return session.from_arrow(table).project(", ".join(["*", *added]))


def _is_spark(thing: Any) -> bool:
    """Tell Spark's DataFrames and sessions, of a client too, without importing it."""
    return type(thing).__module__.startswith("pyspark.")


def _in_order(relation: Any, *columns: str) -> Any:
    """Return a relation whose rows come in the order of the named columns."""
    if _is_spark(relation):
        return relation.orderBy(*columns)
    return relation.order(", ".join(columns))


def _collected(frame: Any) -> pa.Table:
    """Return all rows of a DataFrame, which have to be few enough for one process."""
    max_rows = int(frame.sparkSession.conf.get(MAX_ROWS_SETTING, str(MAX_ROWS)))
    row_count = frame.count()
    if row_count > max_rows:
        raise ValueError(
            f"row_count == {row_count}, must be <= {max_rows}: a Python model reads"
            f" {', '.join(frame.columns)} into one process. With memory enough for"
            f" them, set {MAX_ROWS_SETTING}."
        )
    return _in_utc(frame.toArrow())


def _in_utc(table: pa.Table) -> pa.Table:
    """Return the table with timestamps as DuckDB has them: UTC, without saying so."""
    import pyarrow as pa

    fields = [
        field.with_type(pa.timestamp("us"))
        if pa.types.is_timestamp(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
