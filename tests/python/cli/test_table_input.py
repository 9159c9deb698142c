"""The raw tables may be tables already, in another file or in the working file."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
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
def test_tables_are_read_and_left_alone(tmp_path, is_attached):
    working = tmp_path / "build/warehouse.duckdb"
    working.parent.mkdir()
    holder = tmp_path / "shop.duckdb" if is_attached else working
    with duckdb.connect(str(holder)) as connection:
        connection.execute("create schema raw")
        connection.execute(f"create table raw.order_lines as {ORDER_LINES}")
    environment = {
        **os.environ,
        "MERCATO_ATTACH": str(holder) if is_attached else "",
        "MERCATO_WAREHOUSE": str(working),
        "MERCATO_PUBLISHED": str(tmp_path / "published"),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    source = "tables:shop.raw" if is_attached else "tables:raw"
    options = ["--input", source, "--select", "+stg_order_lines", "--publish"]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "mercato", "build", *options],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    published = tmp_path / "published/warehouse.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.sql("select order_id, customer_id from stg_order_lines")
        assert rows.fetchall() == [("1", "ann")]
    with duckdb.connect(str(holder), read_only=True) as connection:
        assert connection.sql("from raw.order_lines").fetchall()
