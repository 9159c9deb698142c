"""The seam between the library and Spark: what holds for DuckDB holds here."""

import datetime as dt

import pyarrow as pa
import pytest

from mercato import engine


@pytest.fixture
def shares(spark):
    """Give two rows of two versions, as a view."""
    rows = "values ('a1', 1, timestamp '2011-12-09 12:50:00'), ('b2', 2, null)"
    frame = spark.sql(f"select * from {rows} as shares(version_id, n, seen_at)")
    frame.createOrReplaceTempView("shares")
    return frame


def test_frame_becomes_a_table_of_all_or_named_columns(shares):
    first = {
        "version_id": "a1",
        "n": 1,
        "seen_at": dt.datetime(2011, 12, 9, 12, 50),
    }
    assert engine.to_arrow(shares.filter("n = 1")).to_pylist() == [first]
    assert engine.to_arrow(shares, "n").column_names == ["n"]


def test_rows_come_in_blocks_and_in_order(spark):
    numbers = spark.sql("select id as n, id div 10 as ten from range(99, -1, -1)")
    blocks = list(engine.in_blocks(numbers, 30, "ten", "n"))
    assert [block.num_rows for block in blocks] == [30, 30, 30, 10]
    assert pa.concat_tables(blocks)["n"].to_pylist() == list(range(100))


def test_no_rows_are_no_blocks(shares):
    assert list(engine.in_blocks(shares.filter("false"), 10, "n")) == []


def test_more_rows_than_allowed_are_refused_by_name(spark, shares):
    spark.conf.set(engine.MAX_ROWS_SETTING, "1")
    try:
        with pytest.raises(ValueError, match="row_count == 2, must be <= 1:"):
            engine.to_arrow(shares)
    finally:
        spark.conf.unset(engine.MAX_ROWS_SETTING)


def test_table_exists_only_if_it_does(spark):
    spark.sql("create table if not exists default.kept as select 1 as n")
    assert engine.table_exists(spark, "default.kept")
    assert not engine.table_exists(spark, "default.others")
    assert not engine.table_exists(spark, "other.kept")


def test_rows_of_version_are_those_of_the_version(spark, shares):
    found = engine.rows_of_version(spark, "shares", "b2")
    assert engine.to_arrow(found, "n").to_pylist() == [{"n": 2}]
    assert engine.is_empty(engine.rows_of_version(spark, "shares", "c3"))


def test_constants_are_added_as_typed_columns(spark):
    relation = engine.with_constants(
        spark,
        pa.table({"n": [1, 2]}),
        version_id="'a1'",
        fitted_at="cast(null as timestamp)",
    )
    assert relation.columns == ["n", "version_id", "fitted_at"]
    assert dict(relation.dtypes)["fitted_at"] == "timestamp"
    assert relation.count() == 2


def test_chunks_without_rows_lose_no_others(spark):
    rows = pa.table({"n": [1, 2]})
    chunks = pa.concat_tables([rows.slice(0, 0), rows.slice(0, 0), rows])
    relation = engine.with_constants(spark, chunks, version_id="'a1'")
    assert engine.to_arrow(relation, "n").num_rows == 2


def test_constants_are_added_to_no_rows(spark):
    nothing = pa.table({"n": pa.array([], pa.int64())})
    relation = engine.with_constants(spark, nothing, version_id="'a1'")
    assert relation.columns == ["n", "version_id"]
    assert engine.is_empty(relation)


def test_ids_are_found_by_index_whatever_the_order_of_rows(spark):
    index = spark.sql(
        "select * from (values (2, 'z'), (0, 'x'), (1, 'y')) as places(n, customer_id)"
    )
    table = pa.table({"customer_index": [1, 0, 0, 2], "score": [4, 3, 2, 1]})
    named = engine.with_ids(table, "customer", index)
    assert named.column_names == ["customer_id", "customer_index", "score"]
    assert named["customer_id"].to_pylist() == ["y", "x", "x", "z"]
