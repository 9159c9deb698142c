"""What a build says at its end."""

from io import StringIO

import duckdb
import pytest

from mercato.cli.console import Console
from mercato.cli.progress import Tally
from mercato.cli.project import Project
from mercato.cli.summary import write_summary

INPUT_RECONCILIATION = """
    create table input_reconciliation as
    from (values
        ('order_lines', 1000, 990, 7, 3),
        ('events', 0, 0, 0, 0)
    ) as counts(
        table_name, raw_count, accepted_count, duplicate_count, quarantined_count
    )
"""

# Two builds; the second made one model and found the other unchanged.
MODEL_RUNS = """
    create table model_runs as
    from (values
        ('py_segments', '00000000', 'fitted', 9.0, timestamp '2026-01-01'),
        ('py_segments', '0123456789', 'fitted', 1.25, timestamp '2026-01-02'),
        ('py_topics', '9876543210', 'reused', 7.0, timestamp '2026-01-02')
    ) as runs(model_name, version_id, action, fit_seconds, run_started_at)
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "published").mkdir()
    return Project(
        tmp_path,
        tmp_path / "build/warehouse.duckdb",
        tmp_path / "published/warehouse.duckdb",
    )


def summary(project, *statements):
    with duckdb.connect(str(project.published_file)) as connection:
        for statement in statements:
            connection.execute(statement)
    stream = StringIO()
    tally = Tally(models=40, tests=1300)
    write_summary(project, project.published_file, tally, 12.34, Console(stream))
    return stream.getvalue()


def test_summary_without_any_mart_tells_counts_and_place(project):
    lines = summary(project).splitlines()
    assert lines[1:3] == [
        "Built in 12.3 s",
        "  40 models built, 1,300 tests passed, 0 warnings",
    ]
    assert lines[-1].startswith("  published/warehouse.duckdb (0.")


def test_rows_of_each_table_that_has_some_are_told(project):
    assert (
        "Rows\n"
        "  table        accepted  duplicates  quarantined\n"
        "  order_lines       990           7            3\n"
    ) in summary(project, INPUT_RECONCILIATION)


def test_models_of_the_last_run_are_told(project):
    assert (
        "Models\n"
        "  model        version\n"
        "  py_segments  01234567  fitted in 1.2 s\n"
        "  py_topics    98765432  reused\n"
    ) in summary(project, MODEL_RUNS)


def test_queries_to_try_are_of_tables_that_exist(project):
    text = summary(project, "create table daily_sales as select 1 as order_count")
    assert "from daily_sales" in text
    assert "recommendations" not in text
