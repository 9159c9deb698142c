"""The seam between the library and DuckDB."""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mercato import engine


@pytest.fixture
def session():
    with duckdb.connect() as connection:
        connection.execute("create table shares as select 'a1' as version_id, 1 as n")
        yield connection


def test_relation_becomes_a_table_of_all_or_named_columns(session):
    relation = session.table("shares")
    assert engine.to_arrow(relation).to_pylist() == [{"version_id": "a1", "n": 1}]
    assert engine.to_arrow(relation, "n").to_pylist() == [{"n": 1}]


def test_rows_come_in_blocks_and_in_order(session):
    numbers = session.sql("select n, n // 10 as ten from range(4999, -1, -1) as r(n)")
    blocks = list(engine.in_blocks(numbers, 2048, "ten", "n"))
    assert max(map(len, blocks)) <= 2048
    assert pa.concat_tables(blocks)["n"].to_pylist() == list(range(5000))


def test_no_rows_are_no_blocks(session):
    assert (
        list(engine.in_blocks(session.table("shares").filter("false"), 10, "n")) == []
    )


def test_nothing_is_too_large_for_this_process(session):
    assert not engine.is_large(session.sql("from range(100_000_000)"))


def test_parts_are_computed_in_order_and_joined(session):
    sizes = []

    def doubled(block):
        sizes.append(len(block))
        return pa.table({"m": pc.multiply(block["n"], 2)})

    numbers = session.sql("select n from range(4999, -1, -1) as r(n)")
    schema = pa.schema([("m", pa.int64())])
    table = engine.in_parts(numbers, doubled, schema, "n", row_count=2048)
    assert table["m"].to_pylist() == list(range(0, 10_000, 2))
    assert max(sizes) <= 2048


def test_parts_of_nothing_have_the_schema(session):
    nothing = session.table("shares").filter("false")
    schema = pa.schema([("m", pa.int64())])
    assert engine.in_parts(nothing, lambda block: 1 / 0, schema) == schema.empty_table()


def test_parts_come_together_in_their_order():
    parts = [pa.table({"n": [2]}), pa.table({"n": [1]})]
    assert engine.together(iter(parts))["n"].to_pylist() == [2, 1]


def test_rows_are_drawn_by_a_hash_of_their_key(session):
    """md5(a) = 0cc1…, md5(b) = 92eb…, md5(c) = 4a8a…."""
    letters = session.sql("select unnest(['c', 'b', 'a']) as letter")
    drawn = engine.drawn(letters, "letter", 2)
    assert engine.to_arrow(drawn)["letter"].to_pylist() == ["a", "c"]


def test_table_exists_only_if_it_does(session):
    assert engine.table_exists(session, "main.shares")
    assert not engine.table_exists(session, "main.others")
    assert not engine.table_exists(session, "other.shares")


def test_rows_of_version_are_those_of_the_version(session):
    session.execute("insert into shares values ('b2', 2)")
    assert engine.rows_of_version(session, "shares", "b2").fetchall() == [("b2", 2)]
    assert engine.is_empty(engine.rows_of_version(session, "shares", "c3"))


def test_version_that_is_no_word_is_refused(session):
    with pytest.raises(ValueError, match="must be letters and digits"):
        engine.rows_of_version(session, "shares", "' or true --")


def test_relation_is_empty_without_rows(session):
    assert not engine.is_empty(session.table("shares"))
    assert engine.is_empty(session.table("shares").filter("false"))


def test_constants_are_added_as_typed_columns(session):
    relation = engine.with_constants(
        session,
        pa.table({"n": [1, 2]}),
        version_id="'a1'",
        fitted_at="date '2011-12-09'",
    )
    assert relation.columns == ["n", "version_id", "fitted_at"]
    assert str(relation.types[2]) == "DATE"
    assert len(relation.fetchall()) == 2


def test_constants_are_added_to_no_rows(session):
    relation = engine.with_constants(session, pa.table({"n": []}), version_id="'a1'")
    assert relation.columns == ["n", "version_id"]
    assert relation.fetchall() == []


def test_ids_are_found_by_index_whatever_the_order_of_rows(session):
    index = session.sql(
        "select * from (values (2, 'z'), (0, 'x'), (1, 'y')) as places(n, customer_id)"
    )
    table = pa.table({"customer_index": [1, 0, 0, 2], "score": [4, 3, 2, 1]})
    named = engine.with_ids(table, "customer", index)
    assert named.column_names == ["customer_id", "customer_index", "score"]
    assert named["customer_id"].to_pylist() == ["y", "x", "x", "z"]


def test_ids_are_added_to_no_rows(session):
    index = session.sql("select 0 as n, 'x' as customer_id where false")
    table = pa.table({"customer_index": pa.array([], pa.int64())})
    assert engine.with_ids(table, "customer", index).num_rows == 0
