"""Warehouses for tests: that of the bundled sample, and any other, built by dbt."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mercato.cli import dbt_run

ROOT = Path(__file__).parents[2]


@dataclass
class Builder:
    """Builds warehouses in this process, with dbt's own files in a scratch folder.

    `project` is read when the builder is made and whenever `read` is called.
    """

    scratch: Path
    project: Path = ROOT
    manifest: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.read()

    def read(self) -> None:
        """Read the project's files, as far as they have changed."""
        with self._inside(self.scratch):
            self.manifest = dbt_run.parse(dbt_run.DbtOptions({}))

    def build(
        self,
        folder: Path,
        *options: str,
        threads: int = 2,
        with_tests: bool = False,
        **variables: Any,
    ) -> Path:
        """Build all seeds and models, and return the DuckDB file in the folder."""
        if not with_tests:
            options = (*options, "--exclude", "resource_type:test")
        failures = _Failures()
        with self._inside(folder) as warehouse:
            is_green = dbt_run.build(
                self.manifest,
                options,
                dbt_run.DbtOptions(variables, threads),
                failures,
            )
        assert is_green, "\n\n".join(failures.messages)
        return warehouse

    @contextmanager
    def _inside(self, folder: Path) -> Iterator[Path]:
        # One name for all, because dbt writes it into its manifest.
        warehouse = folder / "warehouse.duckdb"
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.project)
            patch.setenv("MERCATO_WAREHOUSE", str(warehouse))
            patch.setenv("DBT_TARGET_PATH", str(self.scratch / "target"))
            patch.setenv("DBT_LOG_PATH", str(self.scratch / "logs"))
            yield warehouse


class _Failures:
    """Keeps what dbt says of nodes that failed."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def started(self, *_: Any) -> None:
        """Take no interest."""

    def finished(self, outcome: Any) -> None:
        if outcome.is_failure:
            self.messages.append(f"{outcome.title}: {outcome.message}")


class Command:
    """The real command on this project, with all that it writes in another folder."""

    def __init__(self, folder: Path) -> None:
        self.working = folder / "build" / "warehouse.duckdb"
        self.published = folder / "published" / "warehouse.duckdb"
        self._environment = {
            **os.environ,
            "MERCATO_WAREHOUSE": str(self.working),
            "MERCATO_PUBLISHED": str(self.published.parent),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def start(self, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        """Run `mercato` with these arguments, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mercato", *map(str, arguments)],
            cwd=ROOT,
            env={**self._environment, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: object, **variables: str) -> tuple[int, str]:
        """Run it to its end; return the exit code and all that it printed."""
        process = self.start(*arguments, **variables)
        output, _ = process.communicate()
        return process.returncode, output

    def succeed(self, *arguments: object, **variables: str) -> str:
        """Run it to its end, which has to be good; return what it printed."""
        exit_code, output = self.run(*arguments, **variables)
        assert exit_code == 0, output
        return output

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask what was published."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.sql(sql).fetchall()


@pytest.fixture(scope="session")
def command_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give one folder to all commands, so that dbt reads the project once."""
    return tmp_path_factory.mktemp("command")


@pytest.fixture
def command(command_folder: Path) -> Command:
    """Give the real command, with nothing built yet."""
    command = Command(command_folder)
    for database in (command.working, command.published):
        shutil.rmtree(database.parent, ignore_errors=True)
    return command


@pytest.fixture(scope="session")
def spark_installed() -> None:
    """Skip what needs Spark where it is not installed."""
    pytest.importorskip("dbt.adapters.spark", reason="the extra `spark` is missing")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not on the PATH")


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """Build the project as it is."""
    return Builder(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def make_builder() -> Callable[..., Builder]:
    """Give the way to build another project, such as an edited copy."""
    return Builder


@pytest.fixture(scope="session")
def sample_warehouse(
    builder: Builder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Build the bundled sample once; its data tests run with `mercato build`."""
    return builder.build(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def warehouse(sample_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to the warehouse of the bundled sample, to read."""
    with duckdb.connect(str(sample_warehouse), read_only=True) as connection:
        yield connection
