"""Experiments of any number with their exposures and events, and next to nothing else.

Raw tables in the columns of the input contract, made by the queries beside this file.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from benchmarks.generate.shop import MACROS, query, write_table

TABLES = (
    "customers",
    "order_lines",
    "events",
    "experiments",
    "experiment_metrics",
    "experiment_exposures",
)
# What has a time, for the input as it was on an earlier day.
_TIMES = {
    "order_lines": "ordered_at",
    "events": "occurred_at",
    "experiment_exposures": "exposed_at",
}
# The last one on which all experiments meet units, of sixty dates with events.
DATE = date(2024, 2, 18)
_QUERIES = Path(__file__).parent


class Size(NamedTuple):
    """How much is drawn: exposures of each experiment, and events in all."""

    experiment_count: int
    exposures_each: int
    event_count: int

    @property
    def customer_count(self) -> int:
        """How many customers there are: each is in about five experiments."""
        return max(
            self.experiment_count * self.exposures_each // 5, self.exposures_each
        )


def write_experiments(
    folder: Path, size: Size, *, threads: int = 2, memory_limit: str = "2GB"
) -> None:
    """Write one Parquet file for each table.

    Equal sizes give equal bytes with one release of DuckDB, whatever the number of
    threads: every value is a function of its row's number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"threads": threads, "memory_limit": memory_limit}
    with duckdb.connect(config=settings) as connection:
        connection.execute("set enable_progress_bar = false")
        for name, value in size._asdict().items():
            connection.execute(f"set variable {name} = {value}::bigint")
        connection.execute(
            f"set variable customer_count = {size.customer_count}::bigint"
        )
        connection.execute(query(MACROS))
        connection.execute(query(_QUERIES / "shared.sql"))
        for table in TABLES:
            sql = query(_QUERIES / f"{table}.sql")
            write_table(connection, folder / table, sql)


def write_until(folder: Path, target: Path, last: date, *, threads: int = 2) -> None:
    """Write the same tables as they were at the end of a date (UTC)."""
    target.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("set enable_progress_bar = false")
        for table in TABLES:
            earlier = (
                f"where cast({_TIMES[table]} as date) <= '{last}'"
                if table in _TIMES
                else ""
            )
            source = str(folder / table).replace("'", "''")
            sql = f"from '{source}.parquet' {earlier}"
            write_table(connection, target / table, sql)
