"""The tiny shop is the same on DuckDB and on Spark, there also when it is built again.

`make parity` compares all marts of the bundled sample; here are some of every kind,
which between them need each macro of macros/dialect.
"""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from benchmarks.parity.engines import ENGINES, build, compare_all

SELECTED = (
    *("+cohort_retention", "+rfm_migrations", "+funnel_results", "+path_transitions"),
    *("+product_recommendations", "+experiment_readout", "+data_quality_scorecard"),
    *("+input_reconciliation", "+sales_reconciliation"),
)
# Of these, only the rows are made again that are now made of others: those of the first
# half, by a column, are said to have another fingerprint.
RENEWED = {
    "checked_events": ("occurred_at", "day_fingerprint"),
    "checked_experiment_exposures": ("exposed_at", "day_fingerprint"),
    "events": ("customer_id", "history_fingerprint"),
    "sessions": ("customer_id", "history_fingerprint"),
    "experiment_exposures": ("customer_id", "history_fingerprint"),
    "feat_experiment_unit__placements": ("unit_id", "unit_fingerprint"),
    "feat_experiment_unit_day__outcomes": ("known_date", "day_fingerprint"),
    "feat_experiment_metric_segment_day__changes": ("known_date", "day_fingerprint"),
}
REUSED = ("py_product_similarities_knn", "py_experiment_sample_ratio_chi_square")
ROOT = Path(__file__).parents[3]
# Queries of a few rows are done sooner than compiled.
SETTINGS = """\
spark.sql.adaptive.enabled false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.codegen.wholeStage false
"""


@pytest.fixture(scope="module")
def shop(tiny_shop, write_shop) -> Path:
    """Write a shop with rows that break the contract, and a customer to forget."""
    rows = tiny_shop()
    for row in rows["experiments"] + rows["experiment_exposures"]:
        row["experiment_id"] = 'the cart\'s \\ "layout"'
    line, twice = rows["order_lines"][:2]
    rows["order_lines"] += [twice, line | {"quantity": 0}, line | {"order_id": ""}]
    rows["erasure_requests"] = [{"customer_id": "c07", "requested_at": "2011-12-09"}]
    return write_shop(rows)


@pytest.fixture(scope="module")
def builds(spark_installed, shop, tmp_path_factory) -> dict[str, Path]:
    """Build the shop on both, and on Spark some tables again; return both outcomes."""
    again, conf = (tmp_path_factory.mktemp(name) for name in ("shop", "conf"))
    (conf / "spark-defaults.conf").write_text(SETTINGS, encoding="utf-8")
    environment = {
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
        "MERCATO_SPARK_MASTER": "local[2]",
        "MERCATO_SPARK_PARTITIONS": "1",
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    options = ["--vars", json.dumps({"input": str(shop)})]
    options += ["--exclude", "resource_type:test", "--select"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for engine in ENGINES:
            build(engine, again, *options, *SELECTED)
        once = shutil.copytree(again, tmp_path_factory.mktemp("once") / "shop")
        for name, columns in RENEWED.items():
            make_outdated(again / "spark" / "tables" / "mercato.db" / name, *columns)
        build("spark", again, *options, *RENEWED, *REUSED)
    return {"once": once, "again": again}


def make_outdated(table: Path, column: str, fingerprint: str) -> None:
    """Say of the first half of the rows by a column that they are made of others."""
    files = list(table.glob("*.parquet"))
    rows = duckdb.read_parquet([str(file) for file in files])
    half = rows.quantile_disc(column, 0.5).fetchone()[0]
    outdated = f"if({column} <= '{half}', 0, {fingerprint}) as {fingerprint}"
    rows.select(f"* replace ({outdated})").write_parquet(str(table / "half.parquet"))
    for file in files:
        file.unlink()


@pytest.mark.parametrize("edition", ["once", "again"])
def test_engines_agree(builds, edition):
    found = compare_all(builds[edition], ("models", "python_models"))
    assert [comparison for comparison in found if comparison.agreement < 1] == []
    row_counts = {comparison.table: comparison.row_counts[0] for comparison in found}
    assert row_counts["quarantined_rows"] == 2


def test_every_macro_of_the_dialect_is_needed(builds):
    folder = builds["once"] / "target_spark"
    manifest, results = (
        json.loads((folder / name).read_text(encoding="utf-8"))
        for name in ("manifest.json", "run_results.json")
    )
    needed = [
        macro
        for result in results["results"]
        for macro in manifest["nodes"][result["unique_id"]]["depends_on"]["macros"]
    ]
    for macro in needed:
        needed += set(manifest["macros"][macro]["depends_on"]["macros"]) - set(needed)
    dialect = {file.stem for file in ROOT.glob("macros/dialect/*.sql")}
    assert dialect - {macro.removeprefix("macro.mercato.") for macro in needed} == set()
