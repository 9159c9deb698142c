from pathlib import Path

import duckdb
import pytest

REPOSITORY = Path(__file__).parents[3]
SAMPLE = REPOSITORY / "seeds" / "sample"

TABLES = (
    "order_lines",
    "products",
    "customers",
    "events",
    "experiments",
    "experiment_exposures",
    "ad_performance",
)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    return SAMPLE


@pytest.fixture(scope="session")
def sample():
    """The shipped files as tables of text, times and numbers cast where needed."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for table in TABLES:
            path = SAMPLE / f"{table}.csv"
            connection.read_csv(str(path), header=True, all_varchar=True).create(table)
        yield connection
