"""Equal inputs, parameters and code make the same version and no work; others one new.

Every build is one of the project itself, in a copy whose parameters can be edited.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

import mercato

COSINES = {"py_customer_similarities_knn", "py_product_similarities_knn"}
EXPERIMENTS = {
    "py_experiment_allocations_thompson",
    "py_experiment_regret_simulation",
    "py_experiment_results_bayesian",
    "py_experiment_results_frequentist",
    "py_experiment_sample_ratio_chi_square",
    "py_experiment_timeline_sequential",
}
PLANS = {"py_experiment_power"}
RECOMMENDER = {"py_customer_recommendations_svd"}
RECOMMENDERS = {
    f"py_customer_recommendations_{name}"
    for name in ("als", "ease", "item_knn", "nmf", "svd", "user_knn")
}
READERS = {"py_customer_recommendations_content"}
BASKETS = {"py_customer_recommendations_association"}
SEGMENTS = {
    "py_segments_kmeans",
    "py_trait_components",
    "py_trait_dendrogram_ward",
    "py_trait_segments",
}
# Left out are those that may have no rows, which no history can keep: what is served in
# a shop where popularity wins, the autoencoder where PyTorch is not installed, what is
# said of factorial experiments and of logged recommendations.
ALL = COSINES | EXPERIMENTS | PLANS | RECOMMENDERS | READERS | BASKETS | SEGMENTS

# All that versions depend on; the other marts cannot change them.
VERSIONS = ("--select", "+model_versions", "+model_runs")
WALL_CLOCK = ["fitted_at", "fit_seconds", "first_made_at", "run_id", "run_started_at"]


class State(NamedTuple):
    """What a warehouse says of versions: sets of (model, version) and what was done."""

    made: set[tuple[str, str]]
    current: set[tuple[str, str]]
    kept: set[tuple[str, str]]
    actions: dict[str, str]
    fits: dict[str, tuple[str, object]]


def state(warehouse: Path) -> State:
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def rows(sql: str) -> list[tuple]:
            return connection.sql(sql).fetchall()

        def of_models(sql: str) -> list[tuple]:
            return [row for row in rows(sql) if row[0] in ALL]

        versions = "select model_name, version_id from model_versions"
        actions = of_models(
            "select model_name, action from model_runs "
            "where run_started_at = (select max(run_started_at) from model_runs)"
        )
        fits = {
            name: rows(f"select distinct version_id, fitted_at from {name}")
            for name in ALL
        }
        histories = {
            (name, version)
            for name in ALL
            for (version,) in rows(f"select distinct version_id from {name}_history")
        }
        found = State(
            set(of_models(versions)),
            set(of_models(f"{versions} where is_current")),
            set(of_models(f"{versions} where is_kept")),
            dict(actions),
            {name: fit[0] for name, fit in fits.items()},
        )
    assert found.kept == histories
    assert all(len(fit) == 1 for fit in fits.values()), fits
    return found


def fitted(after: State) -> set[str]:
    return {name for name, action in after.actions.items() if action == "fitted"}


def new_versions(before: State, after: State) -> list[str]:
    return sorted(name for name, _ in after.made - before.made)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Copy the project: what is edited here as files, the rest as links."""
    root = Path(__file__).parents[3]
    copy = tmp_path_factory.mktemp("project")
    shutil.copytree(root / "python_models", copy / "python_models")
    for name in ("models", "macros", "seeds", "profiles", "tests", "analyses"):
        (copy / name).symlink_to(root / name)
    shutil.copy(root / "dbt_project.yml", copy)
    return copy


@pytest.fixture(scope="module")
def copied(project, make_builder, tmp_path_factory):
    return make_builder(tmp_path_factory.mktemp("dbt"), project)


@pytest.fixture(scope="module")
def shop(tiny_shop, write_shop):
    return write_shop(tiny_shop())


@pytest.fixture(scope="module")
def first(copied, shop, tmp_path_factory):
    """Build once; tests start from a copy of this warehouse."""
    return copied.build(tmp_path_factory.mktemp("first"), input=str(shop))


@pytest.fixture
def again(first, tmp_path):
    """Return a folder with a copy of the first warehouse, to be built again."""
    shutil.copy(first, tmp_path)
    return tmp_path


def test_first_build_fits_every_model_once(first):
    after = state(first)
    assert fitted(after) == ALL
    assert after.current == after.made == after.kept
    assert len(after.made) == len(ALL)


def test_unchanged_build_refits_nothing(copied, shop, first, again):
    before = state(first)
    after = state(copied.build(again, *VERSIONS, input=str(shop)))
    assert set(after.actions.values()) == {"reused"}
    assert after._replace(actions={}) == before._replace(actions={})


def test_empty_build_loses_no_version(copied, shop, first, again):
    copied.build(again, "--empty", input=str(shop))
    after = state(copied.build(again, *VERSIONS, input=str(shop)))
    assert set(after.actions.values()) == {"reused"}
    assert after._replace(actions={}) == state(first)._replace(actions={})


def test_empty_build_of_nothing_holds_all_tests(copied, shop, tmp_path):
    warehouse = copied.build(tmp_path, "--empty", with_tests=True, input=str(shop))
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.sql("from customer_recommendations").fetchall() == []


def change_price(rows):
    # Long before the experiment, which would count it otherwise.
    earliest = min(rows["order_lines"], key=lambda line: line["ordered_at"])
    earliest["unit_price"] = 99


def change_view(rows):
    views = [row for row in rows["events"] if row["event_type"] == "view"]
    views[0]["product_id"] = "p15" if views[0]["product_id"] == "p01" else "p01"


def change_exposure(rows):
    exposure = rows["experiment_exposures"][0]
    exposure["variant"] = "b" if exposure["variant"] == "a" else "a"


@pytest.mark.parametrize(
    ("change", "learners"),
    [
        (change_price, SEGMENTS),
        (change_view, RECOMMENDERS | READERS | BASKETS | COSINES),
        (change_exposure, EXPERIMENTS),
    ],
)
def test_changed_row_makes_one_version_of_each_model_that_learns_from_it(
    change, learners, copied, tiny_shop, write_shop, first, again
):
    rows = tiny_shop()
    change(rows)
    before = state(first)
    after = state(copied.build(again, *VERSIONS, input=str(write_shop(rows))))
    assert new_versions(before, after) == sorted(learners)
    assert fitted(after) == learners
    assert after.kept == after.made


def test_changed_code_makes_one_version_of_each_model_that_runs_it(
    copied, project, shop, first, again, tmp_path
):
    source = tmp_path / "src" / "mercato"
    shutil.copytree(Path(mercato.__file__).parent, source)
    with (source / "similarity.py").open("a", encoding="utf-8") as module:
        module.write("\n# The same results by other code.\n")
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "build"]
    options = ["--profiles-dir", "profiles", "--vars", json.dumps({"input": str(shop)})]
    untested = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    subprocess.run(
        [*command, *options, *untested, *VERSIONS],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(source.parent),
            "MERCATO_WAREHOUSE": str(again / "warehouse.duckdb"),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        },
        check=True,
    )
    before, after = state(first), state(again / "warehouse.duckdb")
    assert new_versions(before, after) == sorted(COSINES)
    assert fitted(after) == COSINES


def test_parameter_there_and_back(copied, project, shop, first, again):
    folder = project / "python_models" / "recommenders"
    described = folder / "py_customer_recommendations_svd.yml"
    original = described.read_text()
    before = state(first)

    described.write_text(original.replace("factors: 64", "factors: 3"))
    copied.read()
    changed = state(copied.build(again, *VERSIONS, input=str(shop)))
    assert new_versions(before, changed) == sorted(RECOMMENDER)
    assert fitted(changed) == RECOMMENDER
    assert changed.kept == changed.made

    # Neither going back nor a full refresh makes work or loses a version: kept are the
    # latest one and the current one, which is older.
    described.write_text(original)
    copied.read()
    options = ("--full-refresh", *VERSIONS)
    back = state(copied.build(again, *options, input=str(shop), keep_versions=1))
    assert set(back.actions.values()) == {"reused"}
    assert back.made == changed.made == back.kept
    assert (back.current, back.fits) == (before.current, before.fits)

    described.write_text(original.replace("factors: 64", "factors: 4"))
    copied.read()
    pruned = state(copied.build(again, *VERSIONS, input=str(shop), keep_versions=1))
    assert new_versions(back, pruned) == sorted(RECOMMENDER)
    assert pruned.kept == pruned.current
    assert pruned.made > pruned.kept
    described.write_text(original)
    copied.read()


def test_erasure_takes_the_versions_that_name_the_customer(
    copied, tiny_shop, write_shop, first, again
):
    rows = tiny_shop() | {
        "erasure_requests": [{"customer_id": "c01", "requested_at": "2011-12-09"}]
    }
    before = state(first)
    after = state(copied.build(again, *VERSIONS, input=str(write_shop(rows))))
    gone = versions_naming("c01", first)
    assert {name for name, _ in gone} >= READERS | {"py_customer_similarities_knn"}
    assert before.made - after.kept == gone


def versions_naming(customer: str, warehouse: Path) -> set[tuple[str, str]]:
    """Return model, of ALL, and version of the kept rows with that customer."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = connection.sql(
            """
            select table_name, column_name
            from duckdb_columns()
            where table_name like 'py_%_history' and column_name like '%customer_id'
            """
        ).fetchall()
        return {
            (table.removesuffix("_history"), version)
            for table, column in columns
            if table.removesuffix("_history") in ALL
            for (version,) in connection.execute(
                f"select distinct version_id from {table} where {column} = ?",
                [customer],
            ).fetchall()
        }


@pytest.mark.parametrize(("threads", "seed"), [(1, 1), (4, 2)])
def test_builds_do_not_depend_on_threads_and_the_order_of_rows(
    threads, seed, copied, tiny_shop, write_shop, first, tmp_path
):
    rows = tiny_shop()
    for table in rows.values():
        random.Random(seed).shuffle(table)
    folder = write_shop(rows)
    second = copied.build(tmp_path, threads=threads, input=str(folder))
    assert differing_tables(first, second) == []


def differing_tables(first: Path, second: Path) -> list[str]:
    """Return the tables that hold other rows, but for the wall clock's columns."""
    excluded = ", ".join(f"'{name}'" for name in WALL_CLOCK)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{first}' as one (read_only)")
        connection.execute(f"attach '{second}' as two (read_only)")
        tables = connection.sql(
            f"""
            select table_name, string_agg('"' || column_name || '"', ', ')
            from duckdb_columns()
            semi join duckdb_tables() using (database_name, table_name)
            where database_name = 'one' and column_name not in ({excluded})
            group by table_name
            order by table_name
            """
        ).fetchall()
        assert len(tables) > 50
        return [
            name
            for name, columns in tables
            if connection.sql(
                f"""
                (select {columns} from one.{name}
                except all select {columns} from two.{name})
                union all
                (select {columns} from two.{name}
                except all select {columns} from one.{name})
                limit 1
                """
            ).fetchall()
        ]
