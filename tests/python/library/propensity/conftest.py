"""A shop in which recency decides who buys, as SQL hands it over."""

import datetime
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mercato.propensity.examples import read_examples
from mercato.propensity.online import learn_snapshots

FIRST_DATE = datetime.date(2024, 1, 4)
GRID = datetime.timedelta(days=28)


class Shop:
    """Tables of a few closed snapshots of 28 days and one that is to be served."""

    def __init__(self, closed_count: int, customer_count: int, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        self.dates = [FIRST_DATE + GRID * place for place in range(closed_count + 1)]
        self.features = pa.concat_tables(
            [self._snapshot(rng, date, customer_count) for date in self.dates]
        )
        roles = ["training"] * closed_count + ["serving"]
        roles[max(closed_count - 3, 0) : closed_count] = ["validation"] * min(
            closed_count, 3
        )
        if closed_count:
            roles[closed_count - 1] = "test"
        self.calendar = pa.table(
            {
                "snapshot_date": self.dates,
                "snapshot_role": roles,
                "horizon_end_date": [date + GRID for date in self.dates],
                "is_closed": [role != "serving" for role in roles],
            }
        )

    def _snapshot(self, rng, date: datetime.date, count: int) -> pa.Table:
        recency = rng.integers(0, 200, count).astype(float)
        spent = rng.lognormal(4, 1, count)
        chance = 1 / (1 + np.exp(np.log1p(recency) - 3))
        visits = np.where(rng.random(count) < 0.3, np.nan, rng.poisson(2, count))
        is_open = date == self.dates[-1]
        return pa.table(
            {
                "snapshot_date": pa.array([date] * count, pa.date32()),
                "customer_id": [f"c{number:04}" for number in range(count)],
                "sample_rank": np.arange(1, count + 1),
                "recency_days": recency,
                "net_amount": spent,
                "visit_count": pa.array(visits, from_pandas=True),
                "constant": np.ones(count),
                "has_purchased": pa.array(
                    [None] * count if is_open else rng.random(count) < chance,
                    pa.bool_(),
                ),
            }
        )

    @property
    def fingerprints(self) -> pa.Table:
        return pa.table(
            {
                "snapshot_date": pa.array(self.dates[:-1], pa.date32()),
                "fingerprint": [f"as of {date}" for date in self.dates[:-1]],
            }
        )

    @property
    def states(self) -> pa.Table:
        return learn_snapshots(
            self.fingerprints, "code", None, lambda _: read_examples(self.features)
        )

    def fill(self, columns: list[str], value: bool | float) -> None:
        """Say the same of every customer."""
        for column in columns:
            place = self.features.column_names.index(column)
            same = pa.repeat(pa.scalar(value), len(self.features))
            self.features = self.features.set_column(place, column, same)

    def blocks(self, date: datetime.date, row_count: int) -> list[pa.Table]:
        """Give a snapshot in blocks of so many rows, by customer."""
        asked = self.features.filter(pc.equal(self.features["snapshot_date"], date))
        asked = asked.sort_by("customer_id")
        return [
            asked.slice(start, row_count) for start in range(0, len(asked), row_count)
        ]

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """What is over, the days, and what the online model knew after each."""
        closed = self.features.filter(pc.is_valid(self.features["has_purchased"]))
        return closed, self.calendar, self.states


@pytest.fixture
def shop() -> Callable[..., Shop]:
    """Give the way to make a shop of so many closed snapshots and customers."""
    return Shop
