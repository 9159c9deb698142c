"""A shop whose files a test writes, built by the real command in its own folder."""

from pathlib import Path

import duckdb
import pytest

HEADER = "order_id,ordered_at,customer_id,product_id,quantity,unit_price"


class Shop:
    """An input folder and the warehouse that is built from it."""

    def __init__(self, folder: Path, command):
        self.input = folder / "shop"
        self.input.mkdir()
        self.published = command.published
        self.query = command.query
        self._command = command

    def write(self, name: str, content: str | bytes) -> None:
        if isinstance(content, str):
            content = content.encode()
        (self.input / name).write_bytes(content)

    def write_parquet(self, name: str, sql: str) -> None:
        duckdb.sql(sql).write_parquet(str(self.input / name))

    def orders(self, *lines: str) -> None:
        self.write("order_lines.csv", "\n".join([HEADER, *lines]) + "\n")

    def build(self, *options: str) -> tuple[int, str]:
        return self._command.run("build", "--input", self.input, *options)


@pytest.fixture
def shop(tmp_path, command) -> Shop:
    return Shop(tmp_path, command)
