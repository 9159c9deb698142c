"""Readers see whole builds only, whatever happens to the build."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from threading import Event

# Big enough that the copy takes longer than it takes to notice and kill it.
MANY_ROWS = 6_000_000


def identity(path):
    """Return what changes whenever a file is replaced or written."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def test_killed_builds_leave_the_published_warehouse(project, wait_until):
    before = identity(project.published)

    def assert_untouched():
        assert identity(project.published) == before
        assert project.batches() == ["one"]

    starting = project.start("killed early")
    wait_until(lambda: (project.root / "logs/dbt.log").stat().st_size > 0, starting)
    project.kill(starting)
    assert_untouched()

    building = project.start("killed in the middle", pause=True)
    wait_until((project.root / "begun").exists, building)
    project.kill(building)
    assert_untouched()

    copying = project.start("killed while copying", rows=MANY_ROWS)
    partial = project.published.with_name(f".warehouse.duckdb.{copying.pid}.partial")
    wait_until(partial.exists, copying)
    project.kill(copying)
    assert partial.exists(), "the build was killed too late to test anything"
    assert_untouched()

    exit_code, output = project.build("two")
    assert exit_code == 0, output
    assert project.batches() == ["one", "two"]
    assert os.listdir(project.published.parent) == [project.published.name]


def test_build_killed_after_publishing_is_whole(project, wait_until):
    before = project.published.stat().st_ino
    process = project.start("two")
    wait_until(lambda: project.published.stat().st_ino != before, process)
    project.kill(process)

    assert project.batches() == ["one", "two"]
    exit_code, output = project.build("three")
    assert exit_code == 0, output
    assert project.batches() == ["one", "three", "two"]


def test_failed_test_leaves_the_published_warehouse(project):
    before = identity(project.published)
    exit_code, output = project.build("bad")

    assert exit_code == 1
    assert "FAILED test batch_is_good\n    1 row breaks it\n" in output
    assert "compiled: target/compiled/tiny/tests/batch_is_good.sql" in output
    assert "The published warehouse was left as it was, from 2" in output
    assert identity(project.published) == before


def test_readers_never_wait_nor_see_half_a_build(project, wait_until):
    stop = Event()

    def read_until_stopped():
        batches = []
        while not stop.is_set():
            batches.append(
                project.query(
                    "select distinct batch from raw_order_lines "
                    "union select batch from daily_sales"
                )
            )
        return batches

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(read_until_stopped)
        process = project.start("two", rows=MANY_ROWS, pause=True)
        wait_until((project.root / "begun").exists, process)
        project.go_on()
        output, _ = process.communicate()
        stop.set()
    assert process.returncode == 0, output

    seen = reader.result()
    assert seen[0] == ["one"]
    assert project.query("select distinct batch from raw_order_lines") == ["two"]
    assert all(batches in (["one"], ["two"]) for batches in seen)


def test_second_build_is_refused_and_interrupt_ends_the_first(project, wait_until):
    first = project.start("two", pause=True)
    wait_until((project.root / "begun").exists, first)

    exit_code, output = project.build("three")
    assert exit_code == 1
    assert output == (
        f"Another build of this project is running (process {first.pid}). "
        "Wait until it ends.\n"
    )

    first.send_signal(signal.SIGINT)
    project.go_on()
    output, _ = first.communicate(timeout=60)
    assert first.returncode == 130, output
    assert "Traceback" not in output
    assert project.batches() == ["one"]


def test_selected_build_is_published_on_request_only(project):
    before = identity(project.published)
    exit_code, output = project.build(
        "two", "--select", "raw_order_lines", "--threads", "1"
    )
    assert exit_code == 0, output
    assert "build/warehouse.duckdb" in output
    assert identity(project.published) == before

    exit_code, output = project.build("two", "--select", "daily_sales", "--publish")
    assert exit_code == 0, output
    # The unpublished build of raw_order_lines is dropped, daily_sales alone is new.
    assert project.query("select distinct batch from raw_order_lines") == ["one"]
    assert identity(project.published) != before


def test_another_input_is_no_other_project(project):
    log = project.root / "logs/dbt.log"
    read_anew = "Unable to do partial parsing because config vars"
    other = ("--input", "models", "--as-of", "2024-01-05")
    exit_code, output = project.build("two", *other)
    assert exit_code == 0, output
    assert read_anew not in log.read_text()
    exit_code, output = project.build("three", "--vars", "size: 2")
    assert exit_code == 0, output
    assert read_anew in log.read_text()
