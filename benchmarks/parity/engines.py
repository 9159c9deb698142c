"""Build on DuckDB and on Spark, and compare what both have built."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.parity.compare import Comparison, compare, stored
from benchmarks.parity.tables import tables_of
from benchmarks.warehouse import ROOT

ENGINES = ("duckdb", "spark")


def build(engine: str, folder: Path, *options: str) -> float:
    """Build and test the project on one engine; return the seconds that it took.

    Args:
        engine: One of ENGINES.
        folder: Where the warehouses of both are.
        options: More of dbt's command line, such as a selection.

    Raises:
        SystemExit: Something did not build, or a test failed.

    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "MERCATO_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "MERCATO_SPARK_WAREHOUSE": str(folder / "spark"),
        "DBT_TARGET_PATH": str(folder / f"target_{engine}"),
        "DBT_LOG_PATH": str(folder / "logs"),
    }
    dbt = "from dbt.cli.main import cli; cli()"
    command = [sys.executable, "-c", dbt, "build", "--target", engine, *options]
    command += ["--profiles-dir", "profiles", "--exclude-resource-type", "unit_test"]
    started = time.perf_counter()
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise SystemExit(f"The build on {engine} failed; what is above says why.")
    return time.perf_counter() - started


def compare_all(folder: Path, layers: tuple[str, ...]) -> list[Comparison]:
    """Compare the tables of some folders of models that are built in a folder."""
    manifest = folder / "target_spark" / "manifest.json"
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        # Spark writes instants, DuckDB has them in UTC without saying so.
        connection.execute("set timezone = 'UTC'")
        names = connection.sql("select table_name from duckdb_tables()").fetchall()
        place = folder / "spark" / "tables" / "mercato.db"
        return [
            compare(
                connection,
                table,
                f"main.{table.name}",
                stored(place / table.name, f"main.{table.name}"),
            )
            for table in tables_of(manifest, layers)
            if (table.name,) in names
        ]
