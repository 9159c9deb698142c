"""Ask the published warehouse a question."""

import shutil
from pathlib import Path

import duckdb

from mercato.cli.project import CommandError, Project, UsageError

# Wide enough not to shorten values that go into a file or another program.
_UNLIMITED_WIDTH = 100_000


def run_query(project: Project, sql: str, max_rows: int, is_terminal: bool) -> None:
    """Print what `sql` answers, `max_rows` rows at most.

    Raises:
        UsageError: Nothing has been published yet.
        CommandError: DuckDB does not accept the query.
    """
    width = shutil.get_terminal_size().columns if is_terminal else _UNLIMITED_WIDTH
    with _open_published(project.published_file) as connection:
        try:
            relation = connection.sql(sql)
            if relation is not None:
                relation.show(max_rows=max_rows, max_width=width)
        except duckdb.Error as error:
            raise CommandError(str(error)) from None


def _open_published(file: Path) -> duckdb.DuckDBPyConnection:
    if not file.exists():
        raise UsageError(f"{file} does not exist yet: run `mercato build` first.")
    return duckdb.connect(str(file), read_only=True)
