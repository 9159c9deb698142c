"""Whole real files, mapped and built by the real command, where they are at hand."""

from decimal import Decimal
from pathlib import Path

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


def map_and_build(command, queries, source, folder, *options):
    command.succeed("map", queries, source, folder)
    command.succeed("build", "--input", folder, *options)


@needs(FIRST_FILE)
def test_published_figures_of_online_retail(tmp_path, command):
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "order_lines.sql").write_text(FIRST_FILE_QUERY)
    selected = ("--select", "+checked_order_lines", "--publish")
    map_and_build(command, queries, FIRST_FILE, tmp_path / "input", *selected)
    [(*counts, sales)] = command.query(
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
    )
    assert counts == [397_884, 4_338, 18_532, 3_665]
    # Rounding each line to pence differs from rounding their sum by less than a pound.
    assert abs(sales - Decimal("8911407.90")) < 1


@needs(BOTH_YEARS)
def test_whole_of_online_retail_ii(tmp_path, command):
    queries = ROOT / "examples/online_retail_ii"
    map_and_build(command, queries, BOTH_YEARS, tmp_path / "input")
    assert command.query(
        "select raw_count, accepted_count, duplicate_count, quarantined_count "
        "from input_reconciliation where table_name = 'order_lines'"
    ) == [(1_044_847, 1_027_014, 11_804, 6_029)]
    assert command.query(
        "select sum(gross_amount) from order_lines where customer_id is not null"
    ) == [(Decimal("17374234.40"),)]
    # There is taste enough here for a recommender to win, and so to be served.
    [(champion, baseline)] = command.query(
        "select model_name, baseline_model_name from recommender_champion"
    )
    assert champion != baseline
    assert command.query(
        "select count(distinct customer_id) from customer_recommendations"
    ) == [(5_942,)]
    assert command.query(
        "select count(*) > 0 from customer_recommendations where ladder_step = 2"
    ) == [(True,)]
