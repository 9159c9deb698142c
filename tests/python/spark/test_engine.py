"""The seam between the library and Spark: what holds for DuckDB holds here."""

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
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


def test_more_rows_than_allowed_are_refused_by_name(shares, at_most):
    with (
        at_most(1),
        pytest.raises(ValueError, match="row_count == 2, must be <= 1:"),
    ):
        engine.to_arrow(shares)


def test_large_is_what_has_more_rows_than_allowed(shares, at_most):
    with at_most(2):
        assert not engine.is_large(shares)
    with at_most(1):
        assert engine.is_large(shares)
        assert not engine.is_large(shares.filter("n = 1"))


def test_parts_of_a_large_frame_are_those_of_a_small_one(shares, at_most):
    factor = 10

    def scaled(block):
        seen = pc.cast(block["seen_at"], pa.date32())
        scaled = pc.multiply(block["n"], factor)
        return pa.table([block["version_id"], scaled, seen], schema)

    schema = pa.schema(
        [("version_id", pa.string()), ("m", pa.int32()), ("seen_date", pa.date32())]
    )
    small = engine.in_parts(shares, scaled, schema, "version_id")
    with at_most(1):
        large = engine.in_parts(shares, scaled, schema, "version_id")
        # Two rows may not come here, but each of them.
        rows = [
            engine.to_arrow(large.filter(f"m = {m}")).to_pylist()[0] for m in (10, 20)
        ]
    assert isinstance(small, pa.Table)
    assert rows == small.to_pylist()
    assert rows[0]["seen_date"] == dt.date(2011, 12, 9)


def test_parts_come_together_as_a_frame_if_one_is(spark):
    parts = [pa.table({"n": [1]}), spark.sql("select bigint(2) as n")]
    both = engine.to_arrow(engine.together(parts))
    assert sorted(both["n"].to_pylist()) == [1, 2]


def test_rows_are_drawn_by_a_hash_of_their_key(spark):
    letters = spark.sql("select explode(array('c', 'b', 'a')) as letter")
    drawn = engine.drawn(letters, "letter", 2)
    assert engine.to_arrow(drawn)["letter"].to_pylist() == ["a", "c"]


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


def test_constants_are_added_to_a_frame(spark, shares):
    relation = engine.with_constants(spark, shares.select("n"), fitted_at="null")
    assert relation.columns == ["n", "fitted_at"]
    assert relation.count() == 2


def test_constants_are_added_to_no_rows(spark):
    nothing = pa.table({"n": pa.array([], pa.int64())})
    relation = engine.with_constants(spark, nothing, version_id="'a1'")
    assert relation.columns == ["n", "version_id"]
    assert engine.is_empty(relation)


@pytest.fixture
def places(spark):
    """Give an index of three customers, not in order."""
    rows = "values (2, 'z'), (0, 'x'), (1, 'y')"
    return spark.sql(f"select * from {rows} as places(n, customer_id)")


PAIRS = {"customer_index": [1, 0, 0, 2], "similar_customer_index": [2, 2, 1, 0]}


def test_ids_are_found_by_index_whatever_the_order_of_rows(places):
    named = engine.with_ids(pa.table(PAIRS), "customer", places)
    assert named.column_names == ["customer_id", *PAIRS]
    assert named["customer_id"].to_pylist() == ["y", "x", "x", "z"]


def test_ids_are_joined_where_either_is_large(spark, places, at_most):
    small = pa.table(PAIRS)
    for entity in ("similar_customer", "customer"):
        small = engine.with_ids(small, entity, places)
    expected = sorted(map(str, small.to_pylist()))
    table = pa.table(PAIRS)
    for pairs in (table, spark.createDataFrame(table)):
        with at_most(2):
            named = engine.with_ids(pairs, "similar_customer", places)
            named = engine.with_ids(named, "customer", places)
        assert named.columns == small.column_names
        assert sorted(map(str, engine.to_arrow(named).to_pylist())) == expected
