"""Runs the queries beside this file and writes what they return as Parquet."""

import math
from pathlib import Path
from typing import NamedTuple

import duckdb

TABLES = (
    "products",
    "customers",
    "order_lines",
    "events",
    "experiments",
    "experiment_exposures",
    "ad_performance",
)
# Order lines and events come in blocks of 20 rows, product groups hold 50 products.
_BLOCK_ROWS = 20
_GROUP_PRODUCTS = 50
_QUERIES = Path(__file__).parent
# uniform(), skewed() and what else makes a value from the number of its row.
MACROS = _QUERIES / "macros.sql"


class Sizes(NamedTuple):
    """How many of each thing a shop has."""

    order_line_count: int
    event_count: int
    customer_count: int
    product_group_count: int

    @classmethod
    def of(cls, scale: float) -> "Sizes":
        """Return the sizes at a scale, of which 1 is 100,000 order lines.

        Assortments grow slower than sales: products grow with the square root.
        Raises ValueError where the scale is below 0.01 or above 1,000.

        >>> Sizes.of(100)
        Sizes(order_line_count=10000000, event_count=30000000, \
customer_count=1000000, product_group_count=400)
        """
        if not 0.01 <= scale <= 1000:
            raise ValueError(f"scale == {scale}, must be >= 0.01 and <= 1000.")
        blocks = round(100_000 * scale / _BLOCK_ROWS)
        return cls(
            order_line_count=blocks * _BLOCK_ROWS,
            event_count=3 * blocks * _BLOCK_ROWS,
            customer_count=round(10_000 * scale),
            product_group_count=round(40 * math.sqrt(scale)),
        )

    @property
    def product_count(self) -> int:
        """How many products the catalogue has."""
        return self.product_group_count * _GROUP_PRODUCTS


def generate(
    folder: Path, scale: float, *, threads: int = 2, memory_limit: str = "2GB"
) -> Sizes:
    """Write one Parquet file for each table and return the sizes.

    Equal scales give equal bytes with one release of DuckDB, whatever the number of
    threads: every value is a function of its row's number.
    """
    sizes = Sizes.of(scale)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"threads": threads, "memory_limit": memory_limit}
    with duckdb.connect(config=settings) as connection:
        connection.execute("set enable_progress_bar = false")
        for name, value in sizes._asdict().items():
            connection.execute(f"set variable {name} = {value}::bigint")
        connection.execute(query(MACROS))
        connection.execute(query(_QUERIES / "shared.sql"))
        for table in TABLES:
            write_table(connection, folder / table, query(_QUERIES / f"{table}.sql"))
    return sizes


def generate_once(folder: Path, scale: float, *, threads: int = 2) -> None:
    """Write the files of a scale, unless an earlier run has done so to the end."""
    if not (folder / ".complete").exists():
        generate(folder, scale, threads=threads)
        (folder / ".complete").touch()


def query(file: Path) -> str:
    """Read a query."""
    return file.read_text(encoding="utf-8")


def write_table(connection: duckdb.DuckDBPyConnection, target: Path, sql: str) -> None:
    """Write what a query returns as `target`.parquet."""
    quoted = str(target).replace("'", "''")
    connection.execute(
        f"copy ({sql}) to '{quoted}.parquet' "
        "(format parquet, compression zstd, row_group_size 122880)"
    )
