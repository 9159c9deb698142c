"""A whole build of a small project, by the command that users type."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

PROFILE = """\
shop:
  target: spark
  outputs:
    spark:
      type: sparkoss
      master: local[2]
      warehouse: warehouse
      schema: shop
      threads: 2
      settings: {spark.sql.shuffle.partitions: 1, spark.ui.enabled: false}
"""
PROJECT = """\
name: shop
profile: shop
model-paths: [models]
seed-paths: [seeds]
seeds: {shop: {rules: {+column_types: {share: double}}}}
"""
RULES = """\
pattern,meaning,share
^M%$,it's by hand,0.5
"C\\d+",,
"""
TOTALS = "select count(*) as rule_count, count(meaning) as told from {{ ref('rules') }}"
SHARES = """\
def model(dbt, session):
    from mercato import engine

    return engine.to_arrow(dbt.ref("rules"), "pattern", "share")
"""


@pytest.fixture(scope="module")
def warehouse(credentials, tmp_path_factory) -> Path:
    """Build a seed, a model in SQL and one in Python; Spark runs in that process."""
    folder = tmp_path_factory.mktemp("shop")
    files = {
        "profiles.yml": PROFILE,
        "dbt_project.yml": PROJECT,
        "seeds/rules.csv": RULES,
        "models/totals.sql": TOTALS,
        "models/shares.py": SHARES,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    dbt = "from dbt.cli.main import cli; cli()"
    done = subprocess.run(
        [sys.executable, "-c", dbt, "build", "--profiles-dir", "."],
        cwd=folder,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder / "warehouse" / "tables" / "shop.db"


def rows(folder: Path) -> list[tuple[object, ...]]:
    return duckdb.sql(f"from '{folder}/*.parquet' order by all").fetchall()


def test_seeds_keep_quotes_signs_and_what_is_missing(warehouse):
    assert rows(warehouse / "rules") == [
        ("C\\d+", None, None),
        ("^M%$", "it's by hand", 0.5),
    ]


def test_sql_and_python_read_the_same_tables(warehouse):
    assert rows(warehouse / "totals") == [(2, 1)]
    assert rows(warehouse / "shares") == [("C\\d+", None), ("^M%$", 0.5)]
