"""A tiny dbt project, built by the real command, to be killed and failed at will."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb
import pytest

FILES = {
    "dbt_project.yml": """
        name: tiny
        profile: mercato
        model-paths: [models, python_models]
        models: {tiny: {+materialized: table}}
        """,
    "profiles/profiles.yml": """
        mercato:
          target: duckdb
          outputs:
            duckdb:
              type: duckdb
              path: "{{ env_var('MERCATO_WAREHOUSE', 'build/warehouse.duckdb') }}"
              threads: 2
        """,
    # Random numbers do not compress, so that ROWS makes the file as big as it says.
    "models/input/raw_order_lines.sql": """
        select
            '{{ env_var("BATCH") }}' as batch,
            random() as quantity
        from range({{ env_var("ROWS", "1000") }})
        """,
    # Runs for as long as the file `pause` is there, and says that it has begun.
    "python_models/py_pause.py": '''
        def model(dbt, session):
            """Wait."""
            from pathlib import Path
            from time import sleep

            Path("begun").touch()
            while Path("pause").exists():
                sleep(0.02)
            return dbt.ref("raw_order_lines").limit(1)
        ''',
    "models/history/batches_history.sql": """
        {{ config(materialized="incremental", incremental_strategy="append") }}
        select distinct batch from {{ ref("py_pause") }}
        """,
    "models/marts/sales/daily_sales.sql": """
        select batch from {{ ref("py_pause") }}
        """,
    "tests/batch_is_good.sql": """
        select * from {{ ref("daily_sales") }} where batch = 'bad'
        """,
}


@dataclass
class TinyProject:
    """The project's folder and how to build it from another process."""

    root: Path
    _running: list[subprocess.Popen] = field(default_factory=list)

    @property
    def published(self) -> Path:
        return self.root / "published/warehouse.duckdb"

    @property
    def working(self) -> Path:
        return self.root / "build/warehouse.duckdb"

    def start(
        self, batch: str, *options: str, rows: int = 1000, pause: bool = False
    ) -> subprocess.Popen:
        """Start a build in a process group of its own."""
        (self.root / "begun").unlink(missing_ok=True)
        if pause:
            (self.root / "pause").touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "mercato", "build", *options],
            cwd=self.root,
            env={**os.environ, "BATCH": batch, "ROWS": str(rows)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Tests that run side by side ignore interrupts; what they start must not.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        self._running.append(process)
        return process

    def build(self, batch: str, *options: str) -> tuple[int, str]:
        """Build to the end; return the exit code and what was said."""
        process = self.start(batch, *options)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def go_on(self) -> None:
        """Let a paused build go on."""
        (self.root / "pause").unlink(missing_ok=True)

    def kill(self, process: subprocess.Popen) -> None:
        """Kill a build and all its children, as a crash would."""
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        self.go_on()

    def kill_all(self) -> None:
        """Leave no process behind."""
        for process in self._running:
            if process.poll() is None:
                self.kill(process)

    def batches(self) -> list[str]:
        """Return the published history: the batches of all published builds."""
        return self.query("select batch from batches_history order by batch")

    def query(self, sql: str) -> list:
        """Return the first column of what the published warehouse answers."""
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return [row[0] for row in connection.sql(sql).fetchall()]


def wait_until(
    condition: Callable[[], bool], process: subprocess.Popen, seconds: float = 60
) -> None:
    """Wait, without sleeping long, for what the build is about to do."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the build did not get there in time"
        time.sleep(0.0005)


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the tiny project once, as batch `one`, for all tests to start from."""
    root = tmp_path_factory.mktemp("tiny") / "project"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        indent = "\n" + " " * 8
        path.write_text(content.replace(indent, "\n").lstrip())
    exit_code, output = TinyProject(root).build("one")
    assert exit_code == 0, output
    return root


@pytest.fixture
def project(built_project: Path, tmp_path: Path) -> Iterator[TinyProject]:
    """Give a test its own copy of the built project, with batch `one` published."""
    tiny = TinyProject(shutil.copytree(built_project, tmp_path / "project"))
    yield tiny
    tiny.kill_all()


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until
