"""`mercato calibrate` on the sample's warehouse, in a copy of the project."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]
FILE = Path("seeds") / "reference" / "experiment_calibrations.csv"


@pytest.fixture
def project(sample_warehouse, tmp_path):
    """Have what calibrate reads, and a place for what it writes."""
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    (tmp_path / FILE).parent.mkdir(parents=True)
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "warehouse.duckdb").symlink_to(sample_warehouse)
    return tmp_path


def calibrate(project, *options):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MERCATO_WAREHOUSE", "MERCATO_PUBLISHED"}
    }
    return subprocess.run(
        [sys.executable, "-m", "mercato", "calibrate", *options],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(file):
    with file.open(encoding="utf-8") as lines:
        return {
            (row["metric_id"], row["method"], row["scenario"]): row
            for row in csv.DictReader(lines)
        }


def test_the_shipped_calibrations_are_those_of_the_sample(project):
    done = calibrate(project)
    assert done.returncode == 0, done.stderr
    found, shipped = rows(project / FILE), rows(ROOT / FILE)
    assert list(found) == list(shipped) == sorted(shipped)
    for key, row in shipped.items():
        for name, text in row.items():
            try:
                expected = float(text)
            except ValueError:
                assert found[key][name] == text, key
            else:
                # One experiment more or less, where another processor rounds.
                assert float(found[key][name]) == pytest.approx(
                    expected, rel=1e-4, abs=0.001
                ), key
    broken = [row for row in found.values() if row["is_as_promised"] == "false"]
    offered = [row for row in broken if row["is_offered"] == "true"]
    for row in offered:
        line = f"{row['scenario']}  {row['metric_id']}  {row['method']} "
        assert line in done.stdout
    assert "mail_open: left out, all visitors have the same value" in done.stdout
    assert f"Written: {FILE.as_posix()}" in done.stdout


def test_the_same_request_writes_the_same_bytes(project):
    options = ("--simulations", "40", "--max-units", "700")
    written = []
    for seed in ("1", "1", "2"):
        done = calibrate(project, *options, "--seed", seed)
        assert done.returncode == 0, done.stderr
        written.append((project / FILE).read_bytes())
    assert written[0] == written[1] != written[2]
    for row in rows(project / FILE).values():
        assert (row["simulation_count"], row["unit_count"]) == ("40", "700")
    assert list((project / FILE).parent.iterdir()) == [project / FILE]


@pytest.mark.parametrize("option", ["--simulations", "--max-units"])
def test_bad_requests_end_in_one_message(project, option):
    done = calibrate(project, option, "0")
    assert done.returncode == 2
    assert "0, must be >= 1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / FILE).exists()


def test_nothing_published_yet(project):
    (project / "published" / "warehouse.duckdb").unlink()
    hold_refused(project, "run `mercato build` first")


def test_a_warehouse_of_an_older_version(project):
    publish(project, "create table as_of as select date '2020-01-31' as as_of_date")
    hold_refused(project, "has no feat_unit_metric_day__baseline yet")


VISITORS = """
    create table feat_unit_metric_day__baseline as
    select
        'u' || i as unit_id, 'order_7d' as metric_id, 'proportion' as metric_kind,
        'increase' as direction, 'new' as customer_status, cast(i as bigint)
            as day_number,
        0.0::double as y, 0.0::double as d, 0.0::double as x, 0.0::double as w
    from range({}) as visitors(i);
    create table as_of as select date '2020-01-31' as as_of_date
"""


def test_no_visitors_in_the_baseline_weeks(project):
    publish(project, VISITORS.format(0))
    hold_refused(project, "expected visitors in the baseline weeks, found none")


def test_visitors_who_do_nothing(project):
    publish(project, VISITORS.format(9))
    hold_refused(project, "who differ in a metric, found 1 metric and none that varies")


def publish(project, sql):
    file = project / "published" / "warehouse.duckdb"
    file.unlink()
    with duckdb.connect(str(file)) as connection:
        connection.execute(sql)


def hold_refused(project, message):
    done = calibrate(project)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (project / FILE).exists()
