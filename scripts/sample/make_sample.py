"""Draw the bundled sample from UCI Online Retail II and simulate traffic around it."""

import argparse
from pathlib import Path

import duckdb

SQL_FOLDER = Path(__file__).parent

# Each step is a query that reads the tables of the steps before it and becomes a table
# of the file's name.
STEPS = (
    "draw/drawn_customers",
    "draw/drawn_anonymous_orders",
    "draw/order_lines",
    "draw/products",
    "draw/customers",
    "simulate/experiments",
    "simulate/experiment_factors",
    "simulate/experiment_metrics",
    "simulate/experiment_statistics",
    "simulate/arm_shares",
    "simulate/campaigns",
    "simulate/product_purchases",
    "simulate/popular_products",
    "simulate/companions",
    "simulate/devices",
    "simulate/order_sessions",
    "simulate/order_steps",
    "simulate/customer_visits",
    "simulate/visitor_visits",
    "simulate/visit_steps",
    "simulate/bot_steps",
    "simulate/sessions",
    "simulate/clean_events",
    "simulate/measured_sessions",
    "simulate/exposed_sessions",
    "simulate/assigned_sessions",
    "simulate/experiment_exposures",
    "simulate/lifted_steps",
    "simulate/banner_steps",
    "simulate/slot_policy",
    "simulate/slot_views",
    "simulate/slot_steps",
    "simulate/recommendation_exposures",
    "simulate/later_events",
    "simulate/events",
    "simulate/ad_performance",
)

# Sort keys that leave no ties except between identical rows, so that the bytes of a
# file do not depend on the number of threads.
OUTPUTS = {
    "order_lines": "ordered_at, order_id, product_id, quantity, unit_price",
    "products": "product_id",
    "customers": "customer_id",
    "events": "event_id",
    "experiments": "experiment_id, variant",
    "experiment_exposures": "exposed_at, experiment_id, anonymous_id, variant",
    "experiment_factors": "experiment_id, variant, factor",
    "experiment_metrics": "metric_id",
    "experiment_statistics": "experiment_id, variant, metric_id, observed_date",
    "recommendation_exposures": "exposure_id",
    "ad_performance": "performance_date, channel, campaign_id",
}


def make_sample(source: Path, output: Path) -> dict[str, int]:
    """Write the sample's CSV files and return the number of rows in each."""
    output.mkdir(parents=True, exist_ok=True)
    row_counts = {}
    with duckdb.connect() as connection:
        connection.execute((SQL_FOLDER / "macros.sql").read_text())
        connection.read_parquet(str(source)).create_view("source_lines")
        for step in STEPS:
            path = SQL_FOLDER / f"{step}.sql"
            connection.execute(f"create table {path.stem} as {path.read_text()}")
        for table, sort_key in OUTPUTS.items():
            rows = connection.sql(f"select * from {table} order by {sort_key}")
            rows.write_csv(str(output / f"{table}.csv"))
            row_counts[table] = len(rows)
    return row_counts


def main() -> None:
    """Read the two folders from the command line and report what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--source", type=Path, required=True, help="Online Retail II as one Parquet"
    )
    parser.add_argument(
        "--output", type=Path, required=True, help="folder the CSV files are written to"
    )
    arguments = parser.parse_args()
    for table, count in make_sample(arguments.source, arguments.output).items():
        print(f"{table}.csv: {count:,} rows")


if __name__ == "__main__":
    main()
