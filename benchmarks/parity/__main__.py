"""Build the sample on DuckDB and on Spark, and compare every mart.

Run it with `make parity`; docs/spark.md says what is compared and shows what came out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from benchmarks.parity.compare import Comparison, compare, stored
from benchmarks.parity.report import as_markdown
from benchmarks.parity.tables import tables_of
from benchmarks.warehouse import ROOT

ENGINES = ("duckdb", "spark")
# One feature that is rounded to the other side moves the coefficients that propensities
# are learned from, and with them some probabilities by up to 0.00001.
LEAST_AGREEMENT = {
    "propensity_calibration": 0.95,
    "propensity_coefficients": 0.95,
    "propensity_predictions": 0.99,
    "propensity_thresholds": 0.99,
}


def main() -> int:
    options = _options()
    seconds = {}
    for engine in ENGINES if options.build else ():
        seconds[engine] = build(engine, options.folder)
    found = compare_all(options.folder, tuple(options.layers))
    text = as_markdown(found, seconds)
    options.folder.joinpath("parity.md").write_text(text, encoding="utf-8")
    print(text)
    return int(any(c.agreement < LEAST_AGREEMENT.get(c.table, 1) for c in found))


def build(engine: str, folder: Path) -> float:
    """Build and test the sample on one engine; return the seconds that it took.

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
    command = [sys.executable, "-c", dbt, "build", "--target", engine]
    command += ["--profiles-dir", "profiles", "--exclude-resource-type", "unit_test"]
    started = time.perf_counter()
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise SystemExit(f"The build on {engine} failed; what is above says why.")
    return time.perf_counter() - started


def compare_all(folder: Path, layers: tuple[str, ...]) -> list[Comparison]:
    """Compare all tables of some folders of models that both engines have built."""
    manifest = folder / "target_spark" / "manifest.json"
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        # Spark writes instants, DuckDB has them in UTC without saying so.
        connection.execute("set timezone = 'UTC'")
        place = folder / "spark" / "tables" / "mercato.db"
        return [
            compare(
                connection,
                table,
                f"main.{table.name}",
                stored(place / table.name, f"main.{table.name}"),
            )
            for table in tables_of(manifest, layers)
        ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "parity")
    parser.add_argument("--layers", nargs="+", default=["models/marts"])
    parser.add_argument(
        "--no-build",
        dest="build",
        action="store_false",
        help="compare what an earlier run has built",
    )
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    return options


if __name__ == "__main__":
    sys.exit(main())
