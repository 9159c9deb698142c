"""The one seam between the library and the engine that runs dbt's Python models.

A Python model gets tables from ``dbt.ref`` and a session to ask questions of: relations
and a connection of DuckDB, or DataFrames and a session of Spark. The functions here
decide by their type and turn both into Arrow, so that nothing else knows which it is.
Both have ``select``, ``filter``, ``limit`` and ``columns``, which may be used as well.

What is small is computed in the process that runs dbt, on both engines by one code.
What is too large for it on Spark stays a DataFrame: executors run the code on parts of
it (see in_parts), and the result is a DataFrame again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    # Computed here, or yet to be computed by Spark.
    Part = pa.Table | DataFrame

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


def is_large(relation: Any) -> bool:
    """Tell whether a relation has too many rows for the process that runs dbt.

    On Spark those are more than `spark.mercato.maxRows`. Nothing is too large for
    DuckDB, which is in that process.
    """
    return _is_spark(relation) and relation.count() > _max_rows(relation)


def in_parts(
    relation: Any,
    function: Callable[[pa.Table], pa.Table],
    schema: pa.Schema,
    *order_by: str,
    row_count: int = 100_000,
) -> Part:
    """Apply a function to a relation, some rows at a time.

    function takes a table of the relation's columns and returns one of the schema; what
    it makes of a row must not depend on the others, unless it counts or sums up and the
    results are added. It is called here, on blocks of at most row_count rows in the
    order of the named columns, and the result is a table.

    Where the relation is large, the result is a DataFrame without an order: executors,
    on which mercato has to be installed, call the function when it is read, on batches
    of `spark.sql.execution.arrow.maxRecordsPerBatch` rows. The function is pickled with
    all that it holds, which must be small.
    """
    import pyarrow as pa

    if is_large(relation):
        return relation.mapInArrow(_on_batches(function), _spark_schema(schema))
    blocks = in_blocks(relation, row_count, *order_by)
    return pa.concat_tables([schema.empty_table(), *map(function, blocks)])


def together(parts: Iterable[Part]) -> Part:
    """Return the rows of parts that have the same columns, one part after the other."""
    import pyarrow as pa

    parts = list(parts)
    sessions = [part.sparkSession for part in parts if _is_spark(part)]
    if not sessions:
        return pa.concat_tables(parts)
    frames = [_as_frame(sessions[0], part) for part in parts]
    return reduce(lambda above, below: above.unionByName(below), frames)


def in_blocks(relation: Any, row_count: int, *order_by: str) -> Iterator[pa.Table]:
    """Give the rows of a relation in Arrow tables of at most so many, one at a time.

    Rows come in the order of the named columns, if there are any. DuckDB keeps what is
    not asked for yet; of Spark the process that runs dbt holds all rows, which are
    limited as in to_arrow.
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


def drawn(relation: Any, key: str, row_count: int) -> Any:
    """Return a relation of at most so many rows, those of the least hash of their key.

    They are spread evenly over all other columns and the same in each build.
    """
    return _in_order(relation, f"md5({key})", key).limit(row_count)


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


def with_ids(part: Part, entity: str, index: Any) -> Part:
    """Return the part with ``<entity>_id`` as its first column.

    The id is found by ``<entity>_index`` in a relation of an index from 0 without gaps
    and an id, in this order. Indices are those of one version, while ids stay the same.
    Where the part is a DataFrame, or the index is large, Spark joins both.
    """
    if not _is_spark(part) and is_large(index):
        part = _as_frame(index.sparkSession, part)
    if _is_spark(part):
        named = index.toDF(f"{entity}_index", f"{entity}_id")
        joined = part.join(named, f"{entity}_index", "left")
        return joined.select(f"{entity}_id", *part.columns)
    places, ids = index.columns
    entity_ids = to_arrow(_in_order(index, places), ids)[ids]
    return part.add_column(0, f"{entity}_id", entity_ids.take(part[f"{entity}_index"]))


def with_constants(session: Any, part: Part, **constants: str) -> Any:
    """Return a relation of the part with SQL expressions added as columns."""
    added = [f"{sql} as {name}" for name, sql in constants.items()]
    if _is_spark(session):
        return _as_frame(session, part).selectExpr("*", *added)
    return session.from_arrow(part).project(", ".join(["*", *added]))


def _is_spark(thing: Any) -> bool:
    """Tell Spark's DataFrames and sessions, of a client too, without importing it."""
    return type(thing).__module__.startswith("pyspark.")


def _in_order(relation: Any, *columns: str) -> Any:
    """Return a relation whose rows come in the order of columns or SQL expressions."""
    if not columns:
        return relation
    if _is_spark(relation):
        from pyspark.sql.functions import expr

        return relation.orderBy(*map(expr, columns))
    return relation.order(", ".join(columns))


def _max_rows(frame: DataFrame) -> int:
    return int(frame.sparkSession.conf.get(MAX_ROWS_SETTING, str(MAX_ROWS)))


def _as_frame(session: Any, part: Part) -> DataFrame:
    if _is_spark(part):
        return part
    # Of a table that begins with two chunks without rows, Spark 4.3 reads none.
    return session.createDataFrame(part.combine_chunks())


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _on_batches(
    function: Callable[[pa.Table], pa.Table],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what applies a function of tables to batches, on another machine."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            yield from function(_in_utc(pa.Table.from_batches([batch]))).to_batches()

    return run


def _collected(frame: DataFrame) -> pa.Table:
    """Return all rows of a DataFrame, which have to be few enough for one process."""
    max_rows = _max_rows(frame)
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
