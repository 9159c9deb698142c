"""A whole build of a small project, by the command that users type."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
PROFILE = """\
shop:
  target: spark
  outputs:
    spark:
      type: sparkoss
      schema: shop
      threads: 2
      warehouse: warehouse
      settings:
        spark.sql.shuffle.partitions: 1
        spark.sql.warehouse.dir: {tables}
        spark.ui.enabled: false
        spark.mercato.maxRows: 3
      {engine}
"""
# A session of dbt's own process, and a client of a Spark Connect server beside it.
ENGINES = {"session": "master: local[2]", "connect": "remote: local[2]"}
PROJECT = f"""\
name: shop
profile: shop
model-paths: [models]
seed-paths: [seeds]
macro-paths: [{ROOT / "macros" / "dialect"}]
models: {{shop: {{+materialized: table}}}}
seeds: {{shop: {{rules: {{+column_types: {{share: double}}}}}}}}
"""
RULES = """\
pattern,meaning,share
^M%$,it's by hand,0.5
"C\\d+",,
"""
TOTALS = "select count(*) as rule_count, count(meaning) as told from {{ ref('rules') }}"
KEPT = """\
{{ config(post_hook="{{ delete_rows(this, 'n in (select 2)') }}") }}
select explode(array(1, 2, null)) as n
"""
SHARES = """\
def model(dbt, session):
    from mercato import engine

    return engine.to_arrow(dbt.ref("rules"), "pattern", "share")
"""
# Four rows are more than may be collected.
SQUARES = """\
def model(dbt, session):
    import pyarrow as pa
    import pyarrow.compute as pc
    from mercato import engine

    def squared(block):
        return pa.table({"square": pc.multiply(block["id"], block["id"])})

    schema = pa.schema([("square", pa.int64())])
    return engine.in_parts(session.range(4), squared, schema)
"""


@pytest.fixture(scope="module", params=ENGINES.values(), ids=ENGINES)
def warehouse(request, credentials, tmp_path_factory) -> Path:
    """Build a seed, models in SQL and one in Python, in a process of its own."""
    folder = tmp_path_factory.mktemp("shop")
    tables = folder / "warehouse" / "tables"
    files = {
        "profiles.yml": PROFILE.format(tables=tables, engine=request.param),
        "dbt_project.yml": PROJECT,
        "seeds/rules.csv": RULES,
        "models/totals.sql": TOTALS,
        "models/kept.sql": KEPT,
        "models/shares.py": SHARES,
        "models/squares.py": SQUARES,
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
    return tables / "shop.db"


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


def test_executors_compute_what_is_not_collected(warehouse):
    assert rows(warehouse / "squares") == [(0,), (1,), (4,), (9,)]


def test_rows_are_deleted_where_a_condition_is_true(warehouse):
    assert rows(warehouse / "kept") == [(1,), (None,)]
    assert not (warehouse / "kept__kept").exists()
