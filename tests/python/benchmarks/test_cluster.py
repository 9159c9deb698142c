"""What is read from Spark's log, how a worker is killed, and what is left of it."""

import argparse
import contextlib
import json
import sys
import time

import pytest

from benchmarks.cluster import __main__ as command
from benchmarks.cluster import eventlog
from benchmarks.cluster.daemons import Cluster, Daemon, cluster
from benchmarks.cluster.outcome import doubts, happened, torn_tables
from benchmarks.cluster.report import as_markdown
from benchmarks.cluster.sabotage import Saboteur
from benchmarks.measure import Measured
from benchmarks.processes import Session, running
from benchmarks.warehouse import Build, Node

EXECUTORS = {"worker1": {"0"}, "worker2": {"1"}}
BUSY = [sys.executable, "-c", "while True: pass"]


def task(executor_id, *, stage_id=0, attempt=0, ended="Success", finished_at=15.0):
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": stage_id,
        "Stage Attempt ID": attempt,
        "Task End Reason": {"Reason": ended},
        "Task Info": {
            "Executor ID": executor_id,
            "Launch Time": 12_000,
            "Finish Time": int(finished_at * 1000),
        },
        # A task that was lost has none.
        "Task Metrics": ended == "Success"
        and {
            "Disk Bytes Spilled": 0,
            "Executor CPU Time": 2_500_000_000,
            "Shuffle Write Metrics": {
                "Shuffle Bytes Written": 300,
                "Shuffle Records Written": 10,
            },
        },
    }


def executor(name, at):
    event = {"Event": "SparkListenerExecutorAdded", "Timestamp": at * 1000}
    return event | {"Executor ID": name, "Executor Info": {"Host": "127.0.0.1"}}


def removed(name, at):
    event = {"Event": "SparkListenerExecutorRemoved", "Timestamp": at * 1000}
    return event | {"Executor ID": name, "Removed Reason": "worker lost\nat once"}


# The first executor is lost with a task on it and with what it had written, so that a
# stage is run again by the other.
EVENTS = [
    {"Event": "SparkListenerLogStart", "Spark Version": "4.0.1"},
    executor("0", 10),
    executor("1", 11),
    task("0"),
    task("1"),
    task("0", stage_id=1, ended="ExecutorLostFailure"),
    removed("0", 16),
    task("1", attempt=1, finished_at=18),
    task("1", stage_id=1, finished_at=20),
    removed("1", 21),
]


def write_log(folder):
    lines = [json.dumps(event, separators=(",", ":")) for event in EVENTS]
    (folder / "app-1").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def log(tmp_path):
    write_log(tmp_path)
    return eventlog.read(tmp_path)


def result_of(log, killed_at=15.5, **changes):
    found = happened(log, EXECUTORS, killed_at)
    run = {"ended": "ok", "wall_seconds": 9.0, "cpu_seconds": 5.0, "peak_bytes": 2**20}
    result = {
        "scale": 1,
        "measured_at": "2011-12-09 12:50",
        "load_average": 0.5,
        "cpu_count": 2,
        "worker_memory": "1g",
        "kill_during": "sessions",
        "sizes": {"event_count": 300_000, "order_line_count": 100_000},
        "runs": {"duckdb": run, "spark": run},
        "node_count": 70,
        "verdicts": {"equal": 20, "rounded": 1},
        "torn_tables": [],
    }
    result |= found | changes
    return result | {"doubts": doubts(result)}


def test_tasks_are_those_of_their_worker(log):
    workers = result_of(log)["workers"]
    assert workers["worker1"] == {
        "finished_count": 1,
        "failed_counts": {"ExecutorLostFailure": 1},
        "busy_seconds": 6.0,
        "cpu_seconds": 2.5,
    }
    assert workers["worker2"]["finished_count"] == 3


def test_what_was_lost_and_done_again_is_told(log):
    result = result_of(log)
    (lost,) = result["lost_executors"]
    assert (lost["executor_id"], lost["after_seconds"]) == ("0", 6.0)
    assert (result["repeated_stage_count"], result["repeated_task_count"]) == (1, 1)
    assert result["doubts"] == []
    text = as_markdown(result)
    assert "| worker1 | 1 | 1 ExecutorLostFailure | 6 | 2 |" in text
    assert "- The first worker was killed 6 s into 10 s, during `sessions`." in text
    assert "- Executor 0 was lost after 6 s: worker lost\n" in text


def test_largest_shuffle_counts_no_stage_twice(log):
    assert log.largest_shuffle() == (600, 20)


def test_log_has_to_be_the_only_one(tmp_path):
    with pytest.raises(ValueError, match=r"len\(files\) == 0 in .*, must be == 1"):
        eventlog.read(tmp_path)


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"killed_after_seconds": None}, "No worker was killed: sessions came"),
        ({"lost_executors": []}, "Spark has not lost an executor"),
        ({"verdicts": {"equal": 20, "differs": 1}}, "1 tables differ"),
        ({"torn_tables": ["orders"]}, "Half-written tables: orders."),
        ({"workers": {"worker2": {"finished_count": 0}}}, "finished on worker2"),
    ],
)
def test_what_is_not_well_is_said(log, changes, doubt):
    result = {**result_of(log), **changes}
    (found,) = doubts(result)
    assert doubt in found


@pytest.fixture
def options(monkeypatch, tmp_path, worker):
    """Give the options of a run on a cluster that is not there."""

    @contextlib.contextmanager
    def cluster_of_one(folder, *_):
        worker.log.write_text("Asked to launch executor app-1/0 for mercato")
        yield Cluster("spark://nowhere", [worker], {})
        write_log(folder / "events")

    monkeypatch.setattr(command, "cluster", cluster_of_one)
    monkeypatch.setattr(command, "compare_all", lambda *_: [])
    return argparse.Namespace(
        scale=0.01,
        cache=tmp_path / "cache",
        memory="1GB",
        worker_memory="1g",
        minutes=1,
        kill=False,
        kill_during="sessions",
        kill_after=0,
    )


def ending(ended):
    nodes = [Node("orders", "core", 1.0, 3.0, 7)]
    return lambda *_, **__: Build(Measured(3, 2, 7, ended, ()), nodes)


def test_both_builds_and_the_log_are_told(monkeypatch, options):
    monkeypatch.setattr(command, "build_marts", ending("ok"))
    result = command.measure(options)
    assert set(result["runs"]) == {"duckdb", "spark"}
    assert result["workers"]["worker"]["finished_count"] == 1
    assert (result["kill_during"], result["killed_after_seconds"]) == (None, None)
    assert result["doubts"] == []
    assert "1 nodes of 3,000 events" in as_markdown(result)


def test_build_that_failed_ends_it(monkeypatch, options):
    monkeypatch.setattr(command, "build_marts", ending("time limit"))
    with pytest.raises(SystemExit, match=r"time limit; see .*duckdb\.log"):
        command.measure(options)


def test_half_written_tables_are_found(tmp_path):
    (tmp_path / "mercato.db" / "orders" / "_temporary" / "0").mkdir(parents=True)
    (tmp_path / "mercato.db" / "events" / "day=1").mkdir(parents=True)
    (tmp_path / "mercato.db" / "days" / ".spark-staging-1").mkdir(parents=True)
    assert torn_tables(tmp_path) == ["days", "orders"]


@pytest.fixture
def worker(tmp_path):
    log = tmp_path / "worker.log"
    session = Session(BUSY, log, {})
    yield Daemon("worker", session, log, tmp_path / "scratch")
    session.end()


def test_busy_worker_is_killed_when_others_need_its_rows(worker, tmp_path):
    build_log = tmp_path / "build.log"
    saboteur = Saboteur(worker, build_log, "sessions", cpu_seconds=0.05)
    saboteur.start()
    build_log.write_text("12:50:00  7 of 70 START sql table model shop.my_sessions ...")
    time.sleep(0.3)
    assert worker.session.process.poll() is None
    build_log.write_text("12:50:00  8 of 70 START sql table model shop.sessions ...")
    time.sleep(0.3)
    assert worker.session.process.poll() is None
    (worker.scratch / "executor" / "01").mkdir(parents=True)
    (worker.scratch / "executor" / "01" / "shuffle_7_0_0.data").touch()
    saboteur.join(20)
    assert saboteur.killed_at is not None
    assert worker.session.process.poll() is not None


def test_nothing_is_killed_when_it_is_over(worker, tmp_path):
    saboteur = Saboteur(worker, tmp_path / "build.log", "sessions", 0)
    saboteur.stop()
    saboteur.start()
    saboteur.stop()
    assert saboteur.killed_at is None
    assert worker.session.process.poll() is None


@pytest.mark.usefixtures("spark_installed")
def test_cluster_leaves_no_process_behind(tmp_path):
    with cluster(tmp_path, 1, "512m", {}) as started:
        assert started.environment["MERCATO_SPARK_MASTER"] == started.url
        sessions = {worker.session.process.pid for worker in started.workers}
        assert sessions <= {process.session for process in running()}
    left = [each for each in running() if each.session in sessions and each.is_alive]
    assert left == []


def test_daemon_that_does_not_start_says_where_to_look(tmp_path):
    log = tmp_path / "master.log"
    session = Session([sys.executable, "-c", "1"], log, {})
    daemon = Daemon("master", session, log, tmp_path)
    with pytest.raises(RuntimeError, match=r"master did not start; .*master\.log"):
        daemon.await_line("(never)")
    session.end()
