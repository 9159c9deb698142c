"""Whole real files, mapped and built by the real command, where they are at hand."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared/data"
FIRST_FILE = DATA / "online_retail/online_retail.parquet"
BOTH_YEARS = DATA / "online_retail_II/union_dedup_2009_2011.parquet"


# The first file of the series names its columns in its own way; its customers' ids are
# floating-point numbers.
FIRST_FILE_QUERY = """
    select
        InvoiceNo as order_id,
        InvoiceDate as ordered_at,
        CustomerID as customer_id,
        StockCode as product_id,
        Quantity as quantity,
        UnitPrice as unit_price,
        InvoiceNo like 'C%' as is_cancelled
    from source
    """


def needs(file):
    return pytest.mark.skipif(
        not file.exists(), reason=f"the data file {file.name} is not at hand"
    )


def mapped_and_built(queries, source, folder, *options):
    environment = {
        **os.environ,
        "MERCATO_WAREHOUSE": str(folder / "build/warehouse.duckdb"),
        "MERCATO_PUBLISHED": str(folder / "published"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    for arguments in (
        ["map", queries, source, folder / "input"],
        ["build", "--input", folder / "input", *options],
    ):
        command = [sys.executable, "-m", "mercato", *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    return duckdb.connect(str(folder / "published/warehouse.duckdb"), read_only=True)


@needs(FIRST_FILE)
def test_published_figures_of_online_retail(tmp_path):
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "order_lines.sql").write_text(FIRST_FILE_QUERY)
    selected = ("--select", "+checked_order_lines", "--publish")
    with mapped_and_built(queries, FIRST_FILE, tmp_path, *selected) as warehouse:
        found = warehouse.sql(
            """
            select
                count(*),
                count(distinct customer_id),
                count(distinct order_id),
                count(distinct product_id),
                sum(round(quantity * unit_price, 2))
            from checked_order_lines
            where
                row_status <> 'quarantined'
                and customer_id is not null
                and not is_cancelled
            """
        ).fetchone()
    *counts, sales = found
    assert counts == [397_884, 4_338, 18_532, 3_665]
    # Rounding each line to pence differs from rounding their sum by less than a pound.
    assert abs(sales - Decimal("8911407.90")) < 1


@needs(BOTH_YEARS)
def test_whole_of_online_retail_ii(tmp_path):
    queries = ROOT / "examples/online_retail_ii"
    with mapped_and_built(queries, BOTH_YEARS, tmp_path) as warehouse:
        rows = warehouse.sql(
            "select raw_count, accepted_count, duplicate_count, quarantined_count "
            "from input_reconciliation where table_name = 'order_lines'"
        ).fetchall()
        assert rows == [(1_044_847, 1_027_014, 11_804, 6_029)]
        sales = warehouse.sql(
            "select sum(gross_amount) from order_lines where customer_id is not null"
        ).fetchall()
        assert sales == [(Decimal("17374234.40"),)]
        champion = warehouse.sql("select model_name from recommender_champion")
        assert champion.fetchall() == [("svd",)]
        served = warehouse.sql(
            "select count(distinct customer_id) from customer_recommendations"
        )
        assert served.fetchall() == [(5_942,)]
