"""How builds on both engines are measured, and what is concluded from the numbers."""

import argparse
import sys

import pytest

from benchmarks import engines
from benchmarks.engine_report import Line, as_markdown, line, summary
from benchmarks.measure import Measured
from benchmarks.processes import run_with_children
from benchmarks.warehouse import Build, Node

# A child that its parent does not wait for.
ORPHAN = """\
import subprocess, sys, time
work = "import time\\nwhile time.process_time() < 0.6: pass"
subprocess.Popen([sys.executable, "-c", work])
time.sleep(0.5)
"""


def result(scale, duckdb, spark):
    def run(seconds):
        return {
            "ended": "ok",
            "wall_seconds": seconds,
            "cpu_seconds": 2 * seconds,
            "peak_bytes": 2**30,
            "stored_bytes": 2**20,
            "load_average": 0.5,
            "layers": {"core": {"seconds": 1.0, "peak_bytes": 2**30, "node_count": 3}},
        }

    return {
        "scale": scale,
        "measured_at": "2011-12-09 12:50",
        "cpu_count": 2,
        "threads": 2,
        "memory": "3GB",
        "sizes": {
            "event_count": int(300_000 * scale),
            "order_line_count": int(100_000 * scale),
            "customer_count": int(10_000 * scale),
        },
        "runs": {
            "duckdb": run(duckdb),
            "spark": run(spark)
            | {"largest_shuffle": {"bytes": 3 * 2**20, "row_count": 2**16}},
        },
        "verdicts": {"equal": 20},
    }


def test_what_nobody_waits_for_is_counted(tmp_path):
    command = [sys.executable, "-c", ORPHAN]
    measured = run_with_children(command, log=tmp_path / "log")
    assert measured.ended == "ok"
    assert measured.cpu_seconds > 0.3
    assert measured.peak_bytes > 2**20


def test_what_takes_too_long_is_ended_with_its_children(tmp_path):
    command = ["bash", "-c", "sleep 60 & sleep 60"]
    measured = run_with_children(command, log=tmp_path / "log", timeout=0.5)
    assert measured.ended == "time limit"
    assert measured.wall_seconds < 20


def test_line_weighs_shares_not_seconds():
    # Twice the large one costs as much as twice the small one.
    fitted = line([1, 1, 100, 100], [10, 20, 1000, 2000])
    assert fitted.at(1) / fitted.at(100) == pytest.approx(0.01, abs=1e-4)


def test_line_needs_two_sizes():
    with pytest.raises(ValueError, match=r"len\(millions\) == 1, must be >= 2"):
        line([1], [10])


def test_line_that_is_always_below_crosses_at_once():
    assert Line(5, 1).crosses(Line(10, 2)) == 0


def test_cluster_pays_its_fixed_part_in_full():
    assert Line(60, 40).on_cores(2, 8, 1.0) == Line(60, 10)


def test_summary_says_where_lines_cross():
    # In CPU time DuckDB takes 40 s and 20 s a million events, Spark 120 s and 80 s.
    measured = [result(10, 50, 180), result(100, 320, 1260)]
    text = summary(measured, efficiency=0.5, price=0.1)
    assert "| duckdb | x10, x100 | 40.0 | 20.00 |" in text
    assert "Spark 4.0 times the CPU time" in text
    assert "takes 8.0 times the cores" in text
    # DuckDB on two cores has a slope of 10, so have 16 cores at half for Spark.
    assert "| 2 | 40.00 | never |" in text
    assert "| 16 | 10.00 | never |" in text
    # 32 cores have a slope of 5: (120 - 40) / (10 - 5) is 16.
    assert "| 32 | 5.00 | 16 |" in text
    # 20 CPU seconds a million are 20,000 a billion, or 5.56 hours.
    assert "| duckdb | 20.00 | 5.56 | 0.56 |" in text


def test_summary_of_one_size_concludes_nothing():
    assert "Two sizes of both engines are needed." in summary([result(1, 9, 9)], 1, 1)


def test_size_that_was_stopped_is_no_measurement():
    stopped = result(1000, 1, 1)
    for run in stopped["runs"].values():
        run["ended"] = "time limit"
    measured = [result(10, 50, 180), result(100, 320, 1260)]
    assert "| duckdb | x10, x100 | 40.0 | 20.00 |" in summary(
        [*measured, stopped], 1, 1
    )


def test_report_has_each_layer_and_the_largest_shuffle():
    text = as_markdown(result(1, 9, 90))
    assert "| core | 3 | 1.0 | 1,024 | 1.0 | 1,024 |" in text
    assert "65,536 rows, 3 MiB, 48 bytes a row" in text
    assert "Tables of core and marts on both: 20 equal." in text


def test_each_engine_is_run_on_the_same_files(monkeypatch, tmp_path):
    built = []

    def build(workspace, data, name, select, **options):
        built.append((data, select, options["target"], options["environment"]))
        (workspace / "warehouse.duckdb").touch()
        nodes = [Node("orders", "core", 1.0, 3.0, 7)]
        return Build(Measured(3, 2, 7, "time limit", ()), nodes[:0])

    monkeypatch.setattr(engines, "build_models", build)
    options = argparse.Namespace(
        only=["duckdb"], cache=tmp_path, threads=1, memory="1GB", minutes=1
    )
    measured = engines.measure(0.01, options)
    ((data, select, target, environment),) = built
    assert (data / "order_lines.parquet").exists()
    assert "+customer_rfm" in select
    assert (target, environment) == ("duckdb", {"MERCATO_MEMORY_LIMIT": "1GB"})
    assert measured["runs"]["duckdb"]["ended"] == "time limit"
    assert measured["verdicts"] == {}
