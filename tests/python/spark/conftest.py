"""One Spark session for all tests; they are skipped where Spark is not installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mercato import engine


@pytest.fixture(scope="session")
def warehouse_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the tables of this session."""
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="session")
def credentials(spark_installed, warehouse_folder: Path):
    """Give what a profile would say of a small local session."""
    from dbt.adapters.sparkoss import SparkOssCredentials

    return SparkOssCredentials(
        schema="default",
        master="local[2]",
        warehouse=str(warehouse_folder),
        settings={
            "spark.driver.host": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": 2,
            "spark.ui.enabled": False,
        },
    )


@pytest.fixture(scope="session")
def spark(credentials):
    """Start Spark once: it takes half a minute."""
    from dbt.adapters.sparkoss.session import session

    started = session(credentials)
    yield started
    started.stop()


@pytest.fixture
def at_most(spark) -> Callable[[int], contextmanager]:
    """Give the way to let so few rows come to this process for a while."""

    @contextmanager
    def limited(row_count: int) -> Iterator[None]:
        spark.conf.set(engine.MAX_ROWS_SETTING, str(row_count))
        try:
            yield
        finally:
            spark.conf.unset(engine.MAX_ROWS_SETTING)

    return limited
