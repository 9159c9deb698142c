"""The project itself: its sample builds, publishes and survives a killed build."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[3]


class SampleBuild:
    """Builds the sample with every file that a build writes in a folder of its own."""

    def __init__(self, folder):
        self.published = folder / "published/warehouse.duckdb"
        self._environment = {
            **os.environ,
            "MERCATO_WAREHOUSE": str(folder / "build/warehouse.duckdb"),
            "MERCATO_PUBLISHED": str(folder / "published"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def start(self):
        return subprocess.Popen(
            [sys.executable, "-m", "mercato", "build", "--input", "sample"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self):
        process = self.start()
        output, _ = process.communicate(timeout=600)
        assert process.returncode == 0, output
        return output

    def query(self, sql):
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.sql(sql).fetchall()


def test_sample_build_is_published_and_survives_a_kill(tmp_path):
    build = SampleBuild(tmp_path)
    output = build.run()
    assert "\nRows\n  table" in output
    assert " fitted in " in output
    suggested = re.findall(r'query "(.+)"', output)
    assert len(suggested) == 3
    assert all(build.query(sql) for sql in suggested)

    first = build.published.read_bytes()
    process = build.start()
    # The layer is told when it is built: by now the working file is half a build.
    while not process.stdout.readline().startswith("  features"):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert build.published.read_bytes() == first

    assert " fitted in " not in build.run(), "the killed build left its mark"
    runs = "select count(distinct run_id) from model_runs"
    assert build.query(runs) == [(2,)]
