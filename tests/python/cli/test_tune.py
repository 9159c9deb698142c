"""`mercato tune` on the sample's warehouse, in a copy of the project."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SEEDS = Path("seeds") / "reference"


@pytest.fixture
def project(sample_warehouse, tmp_path):
    """Copy what tune reads and writes; the warehouse is published already."""
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    shutil.copytree(ROOT / SEEDS, tmp_path / SEEDS)
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "warehouse.duckdb").symlink_to(sample_warehouse)
    return tmp_path


def tune(project, *options):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MERCATO_WAREHOUSE", "MERCATO_PUBLISHED"}
    }
    return subprocess.run(
        [sys.executable, "-m", "mercato", "tune", *options],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(project, name):
    with (project / SEEDS / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_trials_and_the_best_of_each_recommender_are_written(project):
    done = tune(project, "svd", "item_knn", "--trials", "3")
    assert done.returncode == 0, done.stderr
    trials = rows(project, "recommender_trials")
    models = [f"py_customer_recommendations_{name}" for name in ("item_knn", "svd")]
    assert [row["model_name"] for row in trials] == [models[0]] * 3 + [models[1]] * 3
    assert [row["trial_number"] for row in trials] == ["1", "2", "3"] * 2
    chosen = [row for row in trials if row["is_chosen"] == "true"]
    tuned = rows(project, "tuned_parameters")
    assert [row["model_name"] for row in tuned] == models
    for best, parameters in zip(chosen, tuned, strict=True):
        assert best["parameters"] == parameters["parameters"]
        assert float(best["ndcg_at_10"]) == max(
            float(row["ndcg_at_10"])
            for row in trials
            if row["model_name"] == best["model_name"]
        )
        assert json.loads(parameters["parameters"])["top_n"] == 30
    assert "NDCG@10" in done.stdout
    assert "Written: seeds/reference/recommender_trials.csv" in done.stdout


def test_another_run_replaces_only_what_it_tried(project):
    assert tune(project, "svd", "ease", "--trials", "2").returncode == 0
    before = rows(project, "recommender_trials")
    assert tune(project, "svd", "--trials", "1").returncode == 0
    after = rows(project, "recommender_trials")
    ease = [row for row in before if row["model_name"].endswith("ease")]
    assert [row for row in after if row["model_name"].endswith("ease")] == ease
    assert len(after) == len(ease) + 1


def test_time_that_is_over_still_tries_the_current_parameters(project):
    done = tune(project, "svd", "ease", "--minutes", "0.000001")
    assert done.returncode == 0, done.stderr
    assert len(rows(project, "recommender_trials")) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["magic"], "magic must be one of als, association"),
        (["--minutes", "0"], "0, must be > 0"),
        (["--trials", "0"], "0, must be >= 1"),
    ],
)
def test_bad_requests_end_in_one_message(project, options, message):
    done = tune(project, *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(project, "recommender_trials") == []


def test_nothing_published_yet(project):
    (project / "published" / "warehouse.duckdb").unlink()
    done = tune(project, "svd")
    assert done.returncode == 2
    assert "run `mercato build` first" in done.stderr
