"""A shop whose files a test writes, built by the real command in its own folder."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[3]

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price"


class Shop:
    """An input folder and the warehouse that is built from it."""

    def __init__(self, folder: Path):
        self.input = folder / "shop"
        self.input.mkdir()
        self.published = folder / "published/warehouse.duckdb"
        self._environment = {
            **os.environ,
            "MERCATO_WAREHOUSE": str(folder / "build/warehouse.duckdb"),
            "MERCATO_PUBLISHED": str(folder / "published"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def write(self, name: str, content: str | bytes) -> None:
        if isinstance(content, str):
            content = content.encode()
        (self.input / name).write_bytes(content)

    def write_parquet(self, name: str, sql: str) -> None:
        duckdb.sql(sql).write_parquet(str(self.input / name))

    def orders(self, *lines: str) -> None:
        self.write("order_lines.csv", "\n".join([HEADER, *lines]) + "\n")

    def build(self, *options: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "mercato", "build", "--input", self.input]
        done = subprocess.run(
            [*command, *options],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.sql(sql).fetchall()


@pytest.fixture
def shop(tmp_path) -> Shop:
    return Shop(tmp_path)
