"""How two editions of a table are compared, on tables of a few rows."""

import json

import duckdb
import pytest

from benchmarks.parity.compare import compare, stored
from benchmarks.parity.report import as_markdown
from benchmarks.parity.tables import Table, tables_of

SALES = Table("sales", ("day",))
ROWS = "(values (1, 2.50::decimal(18, 2), 0.1::double, 'a'), (2, 4.00, 0.2, 'b'))"


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        connection.execute(f"create table one as from {ROWS} as t(day, paid, rate, id)")
        connection.execute("create table other as from one")
        yield connection


def compared(connection, table=SALES):
    return compare(connection, table, "one", "other")


def test_same_rows_are_equal_in_any_order(connection):
    connection.execute("create or replace table other as from one order by day desc")
    found = compared(connection)
    assert (found.verdict, found.agreement, found.row_counts) == ("equal", 1, (2, 2))


def test_last_digits_are_rounded_not_different(connection):
    connection.execute("update other set rate = rate + 1e-12, paid = paid + 0.01")
    found = compared(connection)
    assert (found.verdict, found.rounded_count, found.agreement) == ("rounded", 2, 1)


def test_difference_is_counted_where_it_is(connection):
    connection.execute("update other set paid = paid + 0.02 where day = 1")
    connection.execute("update other set rate = null, id = 'c' where day = 1")
    found = compared(connection)
    assert found.difference_counts == {"paid": 1, "rate": 1, "id": 1}
    assert (found.verdict, found.agreement) == ("differs", 0.5)


def test_rows_of_one_alone_have_no_counterpart(connection):
    connection.execute("update other set day = 3 where day = 2")
    found = compared(connection)
    assert (found.unmatched_count, found.verdict, found.agreement) == (
        2,
        "differs",
        0.5,
    )


def test_key_can_be_made_of_a_column(connection):
    connection.execute("update one set id = null where day = 1")
    connection.execute("update other set id = null where day = 1")
    found = compared(connection, Table("sales", ("coalesce(id, '')",)))
    assert (found.verdict, found.unmatched_count) == ("equal", 0)


def test_rows_without_a_key_are_compared_whole(connection):
    connection.execute("insert into other from one where day = 1")
    assert compared(connection, Table("sales", ())).unmatched_count == 1


def test_rows_without_a_key_are_equal_to_some_digits(connection):
    connection.execute("update other set rate = rate + 1e-7")
    assert compared(connection, Table("sales", ())).unmatched_count == 0


def test_other_columns_stop_the_comparison(connection):
    connection.execute("alter table other add column extra int")
    with pytest.raises(ValueError, match=r"columns == \['extra'\], must be in both"):
        compared(connection)


def test_columns_of_each_engine_are_left_out(connection):
    for table in ("one", "other"):
        connection.execute(f"alter table {table} add column version_id string")
    connection.execute("update other set version_id = 'x'")
    assert compared(connection).verdict == "equal"


def test_tables_without_rows_are_equal(connection, tmp_path):
    connection.execute("delete from one")
    found = compare(connection, SALES, "one", stored(tmp_path, "one"))
    assert (found.verdict, found.agreement) == ("equal", 1)


def test_partitions_are_columns_of_a_stored_table(connection, tmp_path):
    folder = tmp_path / "one"
    connection.execute(f"copy one to '{folder}' (format parquet, partition_by (day))")
    assert compare(connection, SALES, "one", stored(folder, "one")).verdict == "equal"


def test_keys_are_what_tests_say(tmp_path):
    def model(name, materialized="table"):
        return {
            "resource_type": "model",
            "name": name,
            "unique_id": f"model.mercato.{name}",
            "original_file_path": f"models/marts/{name}.sql",
            "config": {"materialized": materialized},
        }

    def unique(name, column):
        return {
            "resource_type": "test",
            "attached_node": f"model.mercato.{name}",
            "test_metadata": {"name": "unique", "kwargs": {"column_name": column}},
        }

    nodes = [model("b"), model("a"), model("seen", "view")]
    nodes += [unique("a", "order_id"), unique("b", "version_id")]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": dict(enumerate(nodes))}))
    found = tables_of(manifest, ("models/marts",))
    assert found == [Table("a", ("order_id",)), Table("b", ())]


def test_report_begins_with_what_agrees_least(connection):
    same = compared(connection)
    connection.execute("update other set rate = rate + 1e-12")
    rounded = compared(connection)._replace(table="rates")
    connection.execute("delete from other where day = 2")
    text = as_markdown([same, rounded, compared(connection)], {"duckdb": 60.4})
    _, _, *summary, _, _, _, least, other = text.splitlines()
    assert summary[:3] == ["- 1 differs", "- 1 equal", "- 1 rounded"]
    assert summary[3:] == ["- built and tested on duckdb in 60 s"]
    assert least.startswith("| `sales` | 2 / 1 | differs | 50.00% | 1 rows without")
    assert other == "| `rates` | 2 | rounded | 100.00% | 2 rows in the last digits |"
