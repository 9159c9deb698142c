"""Drawn experiments are reproducible, and three ways read the same out of them."""

import argparse
import hashlib
import json
from datetime import date
from importlib.util import find_spec

import duckdb
import pytest

from benchmarks import experiments
from benchmarks.experiment_report import as_markdown
from benchmarks.experiments_input import (
    DATE,
    TABLES,
    Size,
    write_experiments,
)
from benchmarks.measure import Measured
from benchmarks.warehouse import Build

# Every arm has enough units behind every ratio to count its degrees of freedom alike.
SIZE = Size(experiment_count=5, exposures_each=12_000, event_count=200_000)
# What ibis needs to read DuckDB is an extra of it, which tea-tasting does not ask for.
NEEDED = ("tea_tasting", "ibis", "pyarrow_hotfix")
MISSING = [name for name in NEEDED if find_spec(name) is None]
RIVALS = [
    pytest.param(
        "tea-tasting",
        marks=pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} not installed"),
    ),
    "pandas script",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiments")
    experiments.prepare(folder, SIZE)
    return folder


@pytest.fixture(scope="module")
def drawn(folder):
    with duckdb.connect() as connection:
        for table in TABLES:
            file = folder / "input" / f"{table}.parquet"
            connection.execute(f"create view {table} as from '{file}'")
        yield connection


def limits(*only, minutes=5):
    return argparse.Namespace(only=only, threads=2, gib=16, minutes=minutes)


@pytest.fixture(scope="module")
def mercato(folder):
    """The run of mercato, which the others are compared with."""
    found = experiments.measure(folder, SIZE, limits(experiments.MERCATO))
    run = found["runs"][experiments.MERCATO]
    assert run["ended"] == "ok", (folder / "mercato" / "mercato.log").read_text()
    return found


def test_equal_sizes_give_equal_bytes(folder, tmp_path):
    write_experiments(tmp_path, SIZE, threads=1)

    for table in TABLES:
        digests = {
            hashlib.sha256((place / f"{table}.parquet").read_bytes()).hexdigest()
            for place in (folder / "input", tmp_path)
        }
        assert len(digests) == 1, table


def test_there_is_as_much_as_was_asked_for(drawn):
    counts = {table: drawn.table(table).shape[0] for table in TABLES}

    assert counts == {
        "customers": SIZE.customer_count,
        "order_lines": 2_000,
        "events": 200_000,
        "experiments": 11,
        "experiment_metrics": 20,
        "experiment_exposures": 60_000,
    }


def test_customers_are_in_several_experiments_and_one_variant_of_each(drawn):
    variants, experiments_each = drawn.sql(
        """
        with units as (
            select customer_id, experiment_id, count(distinct variant) as variants
            from experiment_exposures
            group by customer_id, experiment_id
        )

        select max(variants), count(*) / count(distinct customer_id) from units
        """
    ).fetchone()
    assert variants == 1
    assert experiments_each > 4


def test_events_surround_the_exposures_for_sixty_days(drawn):
    assert drawn.sql(
        "select min(occurred_at)::date, max(occurred_at)::date from events"
    ).fetchone() == (date(2024, 1, 1), date(2024, 2, 29))
    assert drawn.sql(
        "select min(exposed_at)::date, max(exposed_at)::date from experiment_exposures"
    ).fetchone() == (date(2024, 1, 22), date(2024, 2, 22))


def test_a_day_adds_its_events_and_exposures(drawn, folder):
    added = drawn.sql(
        f"""
        select distinct occurred_at::date
        from (from '{folder}/day/events.parquet'
            except from '{folder}/before/events.parquet')
        union all
        select distinct exposed_at::date
        from (from '{folder}/day/experiment_exposures.parquet'
            except from '{folder}/before/experiment_exposures.parquet')
        """
    )
    assert added.fetchall() == [(DATE,), (DATE,)]


@pytest.mark.parametrize("name", RIVALS)
def test_rivals_find_what_mercato_finds(mercato, folder, name):
    result = experiments.measure(folder, SIZE, limits(name))

    run = result["runs"][name]
    assert run["ended"] == "ok", folder / experiments.RIVALS[name] / "log.txt"
    assert sum(step["wall_seconds"] for step in run["steps"].values()) > 0
    found = experiments.differences(
        folder / "mercato" / "warehouse.duckdb",
        folder / experiments.RIVALS[name] / "results.parquet",
    )
    # six pairs of variants, by the covariate; the script also tests without it
    assert found["compared"] == 6 * 20 * (2 if name == "pandas script" else 1)
    assert max(found["effect"], found["p_value"]) < 1e-9


def test_a_wrong_number_is_not_passed_over(mercato, folder, tmp_path):
    experiments.measure(folder, SIZE, limits("pandas script"))
    results = folder / "script" / "results.parquet"
    changed = tmp_path / "results.parquet"
    duckdb.sql(
        f"select * replace (p_value * (1 + 1e-6) as p_value) from '{results}'"
    ).write_parquet(str(changed))

    with pytest.raises(RuntimeError, match="disagree"):
        experiments.differences(folder / "mercato" / "warehouse.duckdb", changed)


def test_a_run_that_takes_too_long_says_so(mercato, folder):
    result = experiments.measure(folder, SIZE, limits("pandas script", minutes=0.001))

    text = as_markdown({"size": "tiny"} | result)
    assert "| pandas script | time limit |" in text


@pytest.mark.parametrize("failing", [step for step, _ in experiments.DAY_BUILDS])
def test_what_was_measured_before_a_failure_is_told(folder, monkeypatch, failing):
    given = {}

    def build_models(workspace, data, log, *_, **__):
        step = log.replace("_", " ")
        given[step] = data, data.resolve().name
        (workspace / "warehouse.duckdb").touch()
        ended = "time limit" if step == failing else "ok"
        return Build(Measured(len(given), 0.0, 0, ended, ()), [])

    monkeypatch.setattr(experiments, "build_models", build_models)
    found = experiments.measure(folder, SIZE, limits(experiments.DAY))

    run = found["runs"][experiments.DAY]
    around = {name: costs["ended"] for name, costs in run["around"].items()}
    built = dict(zip(given, ["ok"] * (len(given) - 1) + ["time limit"], strict=True))
    day = built.pop(experiments.DAY, "time limit")
    assert (run["ended"], around) == (day, built)
    # each in the place of the one before
    assert len({place for place, _ in given.values()}) == 1
    names = [name for _, name in given.values()]
    assert names == ["before", "before", "day", "input"][: len(given)]


def test_the_report_tells_layers_and_models(mercato):
    text = as_markdown({"size": "tiny"} | json.loads(json.dumps(mercato)))

    assert text.startswith("# 260,000 exposures and events\n")
    for row in (
        "mercato | ok",
        "features of experiments",
        "python_models",
        "dbt itself",
    ):
        assert f"| {row} |" in text
    assert "| feat_experiment_metric_segment_day__changes |" in text


def test_the_report_tells_what_was_built_around_the_day(mercato):
    run = mercato["runs"][experiments.MERCATO]
    before = {"ended": "ok", "wall_seconds": 12.3, "cpu_seconds": 45.6}
    day = run | {"around": {"the days before": before | {"peak_bytes": 2**20}}}

    text = as_markdown(mercato | {"runs": {experiments.DAY: day}})
    assert "| one more day: the days before | ok | 12.3 | 45.6 | 1 |" in text
    assert "| one more day | ok |" in text
