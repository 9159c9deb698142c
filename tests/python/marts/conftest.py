"""The bundled sample as pandas reads it, without any of the project's SQL."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

SAMPLE = Path(__file__).parents[3] / "seeds" / "sample"


@pytest.fixture(scope="session")
def raw_lines() -> pd.DataFrame:
    """Each line of order_lines.csv, with what the input contract makes of it."""
    lines = _read("order_lines")
    quantity = lines["quantity"].map(Decimal)
    price = lines["unit_price"].map(Decimal)
    lines["is_cancelled"] = lines["is_cancelled"] == "true"
    is_refused = (price <= 0) | ((quantity < 0) & ~lines["is_cancelled"])
    is_repeated = lines.duplicated() & ~is_refused
    lines["status"] = "accepted"
    lines.loc[is_refused, "status"] = "quarantined"
    lines.loc[is_repeated, "status"] = "duplicate"
    lines["amount"] = [
        (abs(units) * each).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for units, each in zip(quantity, price, strict=True)
    ]
    lines["ordered_at"] = pd.to_datetime(lines["ordered_at"], utc=True)
    return lines


@pytest.fixture(scope="session")
def lines(raw_lines: pd.DataFrame) -> pd.DataFrame:
    """The accepted lines, with signed net amounts."""
    accepted = raw_lines[raw_lines["status"] == "accepted"].copy()
    accepted["net"] = accepted["amount"].where(
        ~accepted["is_cancelled"], -accepted["amount"]
    )
    accepted["order_date"] = accepted["ordered_at"].dt.date
    return accepted


@pytest.fixture(scope="session")
def events() -> pd.DataFrame:
    """The accepted events: each once, at a readable time, of somebody."""
    rows = _read("events").drop_duplicates()
    rows["occurred_at"] = pd.to_datetime(
        rows["occurred_at"], utc=True, errors="coerce", format="ISO8601"
    )
    is_somebody = (rows["customer_id"] != "") | (rows["anonymous_id"] != "")
    return rows[is_somebody & rows["occurred_at"].notna()]


@pytest.fixture(scope="session")
def exposures() -> pd.DataFrame:
    rows = _read("experiment_exposures")
    rows["exposed_at"] = pd.to_datetime(rows["exposed_at"], utc=True)
    return rows


@pytest.fixture(scope="session")
def designs() -> pd.DataFrame:
    """What holds for each experiment as a whole."""
    rows = _read("experiments").drop_duplicates("experiment_id")
    rows["ended_at"] = pd.to_datetime(rows["ended_at"], utc=True)
    return rows.set_index("experiment_id")


@pytest.fixture(scope="session")
def handed_over() -> pd.DataFrame:
    """The sums of experiments that were measured elsewhere."""
    return _read("experiment_statistics")


@pytest.fixture(scope="session")
def planned_shares() -> pd.Series:
    """The planned weight of each experiment and variant."""
    variants = _read("experiments").set_index(["experiment_id", "variant"])
    return variants["planned_weight"].astype(float)


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / f"{name}.csv", dtype=str, keep_default_na=False)
