"""Bring an export into the shape of the input contract, by one SELECT a table."""

from pathlib import Path

import duckdb

from mercato.cli.console import Console
from mercato.cli.project import CommandError, UsageError

# The tables of the input contract (models/input/raw_<table>.yml).
TABLES = (
    "ad_performance",
    "customers",
    "erasure_requests",
    "events",
    "experiment_exposures",
    "experiment_factors",
    "experiment_metrics",
    "experiment_statistics",
    "experiments",
    "order_lines",
    "products",
    "recommendation_exposures",
)
_READERS = {".parquet": "read_parquet", ".csv": "read_csv", ".gz": "read_csv"}


def map_export(queries: Path, source: Path, output: Path, console: Console) -> None:
    """Write one Parquet file for each query <table>.sql over the table `source`.

    Args:
        queries: A folder of SELECT statements, each named after a table of the input
            contract and returning its columns.
        source: The shop's export: a CSV or Parquet file.
        output: The folder to write to; `mercato build --input` takes it.
        console: Where progress is shown.

    Raises:
        UsageError: There is no such export or query, or a query has the name of no
            table.
        CommandError: DuckDB cannot run a query.

    """
    files = sorted(queries.glob("*.sql"))
    _check(queries, source, files)
    output.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        reader = _READERS[source.suffix]
        quoted = str(source).replace("'", "''")
        connection.execute(f"create view source as select * from {reader}('{quoted}')")
        for file in files:
            target = output / f"{file.stem}.parquet"
            try:
                rows = connection.sql(file.read_text(encoding="utf-8"))
                rows.write_parquet(str(target), compression="zstd")
            except duckdb.Error as error:
                raise CommandError(f"{file}: {error}") from error
            count = connection.read_parquet(str(target)).count("*").fetchall()[0][0]
            console.line(f"  {target}  {count:,} rows")
    console.line(f"Now: mercato build --input {output}")


def _check(queries: Path, source: Path, files: list[Path]) -> None:
    if not source.is_file() or source.suffix not in _READERS:
        raise UsageError(f"{source}: expected a .parquet, .csv or .csv.gz file.")
    if not files:
        raise UsageError(f"{queries}: expected files <table>.sql, found none.")
    for file in files:
        if file.stem not in TABLES:
            raise UsageError(
                f"{file}: expected the name of a raw table ({', '.join(TABLES)})."
            )
