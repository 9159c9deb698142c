"""The raw tables may be tables already, in another file or in the working file."""

import duckdb
import pytest

ORDER_LINES = """
    select
        '1' as order_id,
        timestamp '2024-01-05 10:00:00' as ordered_at,
        'ann' as customer_id,
        'tea' as product_id,
        2 as quantity,
        3.5 as unit_price
    """


@pytest.mark.parametrize("is_attached", [True, False])
def test_tables_are_read_and_left_alone(tmp_path, command, is_attached):
    command.working.parent.mkdir()
    holder = tmp_path / "shop.duckdb" if is_attached else command.working
    with duckdb.connect(str(holder)) as connection:
        connection.execute("create schema raw")
        connection.execute(f"create table raw.order_lines as {ORDER_LINES}")
    attached = str(holder) if is_attached else ""
    source = "tables:shop.raw" if is_attached else "tables:raw"
    options = ["--input", source, "--select", "+stg_order_lines", "--publish"]
    for _ in range(2):
        command.succeed("build", *options, MERCATO_ATTACH=attached)
    found = command.query("select order_id, customer_id from stg_order_lines")
    assert found == [("1", "ann")]
    with duckdb.connect(str(holder), read_only=True) as connection:
        assert connection.sql("from raw.order_lines").fetchall()
