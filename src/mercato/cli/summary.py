"""Tell what a finished build made, where it is and what to ask it."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb

from mercato.cli.console import Console, aligned, plural
from mercato.cli.progress import Tally
from mercato.cli.project import Project

_ROW_COUNTS = """
    select
        table_name,
        accepted_count::bigint,
        duplicate_count::bigint,
        quarantined_count::bigint
    from input_reconciliation
    where raw_count > 0
    order by table_name
"""

_MODEL_RUNS = """
    select model_name, version_id[:8], action, fit_seconds
    from model_runs
    where run_started_at = (select max(run_started_at) from model_runs)
    order by model_name
"""

# The first ones whose table the build made are shown.
_QUERIES = (
    (
        "daily_sales",
        "select order_date, order_count, net_amount from daily_sales "
        "order by order_date desc limit 7",
    ),
    (
        "segment_profiles",
        "select segment_name, customer_count, net_amount_share from segment_profiles "
        "order by net_amount desc",
    ),
    (
        "customer_recommendations",
        "select customer_id, product_id, reason from customer_recommendations limit 10",
    ),
    (
        "experiment_readout",
        "select experiment_id, verdict, readout from experiment_readout",
    ),
    ("quarantined_rows", "from quarantined_rows limit 10"),
)
_QUERIES_SHOWN = 3


def write_summary(
    project: Project, database: Path, tally: Tally, seconds: float, console: Console
) -> None:
    """Write the summary of a green build; parts whose table is missing are left out."""
    console.line()
    console.line(console.styled(f"Built in {seconds:.1f} s", "bold"))
    tests = plural(tally.tests - tally.warnings, "test")
    console.line(
        f"  {plural(tally.models, 'model')} built, {tests} passed, "
        f"{plural(tally.warnings, 'warning')}"
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = _table_names(connection)
        if "input_reconciliation" in tables:
            _section("Rows", _row_lines(connection), console)
        if "model_runs" in tables:
            _section("Models", _model_lines(connection), console)
    size = database.stat().st_size / 1e6
    location = [f"  {project.shown(database)} ({size:.1f} MB)"]
    _section("Warehouse", location, console)
    if database == project.published_file:
        _section("Try", _query_lines(tables), console)


def _section(title: str, lines: Sequence[str], console: Console) -> None:
    if not lines:
        return
    console.line()
    console.line(console.styled(title, "bold"))
    for line in lines:
        console.line(line)


def _table_names(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.sql("select table_name from information_schema.tables").fetchall()
    return {name for (name,) in rows}


def _row_lines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.sql(_ROW_COUNTS).fetchall()
    if not rows:
        return []
    return aligned([("table", "accepted", "duplicates", "quarantined"), *rows])


def _model_lines(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = [
        (name, version, _made(action, fit_seconds))
        for name, version, action, fit_seconds in connection.sql(_MODEL_RUNS).fetchall()
    ]
    return aligned([("model", "version", ""), *rows]) if rows else []


def _made(action: str, fit_seconds: float | None) -> str:
    if action != "fitted" or fit_seconds is None:
        return action
    return f"{action} in {fit_seconds:.1f} s"


def _query_lines(tables: set[str]) -> list[str]:
    queries = [sql for table, sql in _QUERIES if table in tables]
    command = command_name()
    return [f'  {command} query "{sql}"' for sql in queries[:_QUERIES_SHOWN]]


def command_name() -> str:
    """Return how the user started this command, to be typed again."""
    program = Path(sys.argv[0])
    if program.name == "__main__.py":
        return f"{_relative(Path(sys.executable))} -m mercato"
    return _relative(program)


def _relative(program: Path) -> str:
    path = Path(os.path.abspath(program))
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else program.name
