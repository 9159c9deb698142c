"""Purchase histories: how often and until when customers of which age bought again."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

DAYS_PER_WEEK = 7.0


class Histories(NamedTuple):
    """Distinct purchase histories and how many customers have each; arrays of (n,).

    frequency is the number of purchase days after the first, recency the time from the
    first purchase to the last, age the time from the first purchase to the end of what
    is known; both in weeks.
    """

    frequency: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    count: np.ndarray

    def part(self, rows: slice | np.ndarray) -> Histories:
        """Return some of the histories."""
        return Histories(*(column[rows] for column in self))


def histories(
    frequency: np.ndarray,
    recency: np.ndarray,
    age: np.ndarray,
    count: np.ndarray | None = None,
) -> Histories:
    """Return the distinct histories, sorted, with the counts of equal ones added up.

    frequency, recency and age are (n,), the times in weeks, count is (n,), 1 if it is
    not given.

    Raises ValueError where the lengths differ, a number is not finite, or not
    0 <= recency <= age with recency > 0 exactly where frequency > 0, or frequency or
    count is no whole number of at least 0.
    """
    given = np.column_stack(
        np.broadcast_arrays(frequency, recency, age, 1.0 if count is None else count)
    ).astype(float)
    _check(*given.T)
    order = np.lexsort(given[:, 2::-1].T)
    given = given[order][given[order, 3] > 0]
    first = np.ones(len(given), bool)
    first[1:] = (given[1:, :3] != given[:-1, :3]).any(axis=1)
    counts = np.bincount(np.cumsum(first) - 1, given[:, 3], minlength=first.sum())
    return Histories(*given[first, :3].T.copy(), counts)


def read_histories(table: pa.Table) -> Histories:
    """Read frequency, recency_days, age_days and, if it is there, customer_count."""
    frequency, recency, age = (
        table[name].to_numpy().astype(float)
        for name in ("frequency", "recency_days", "age_days")
    )
    count = None
    if "customer_count" in table.column_names:
        count = table["customer_count"].to_numpy().astype(float)
    return histories(frequency, recency / DAYS_PER_WEEK, age / DAYS_PER_WEEK, count)


def _check(
    frequency: np.ndarray, recency: np.ndarray, age: np.ndarray, count: np.ndarray
) -> None:
    for name, values in [("frequency", frequency), ("count", count)]:
        bad = values[~((values >= 0) & (values == np.floor(values)))]
        if len(bad):
            raise ValueError(f"{name} == {bad[0]}, must be a whole number >= 0.")
    bad = age[~(np.isfinite(age) & (age >= recency))]
    if len(bad):
        raise ValueError(f"age == {bad[0]}, must be >= recency and finite.")
    bad = recency[~((recency >= 0) & ((recency > 0) == (frequency > 0)))]
    if len(bad):
        raise ValueError(
            f"recency == {bad[0]}, must be > 0 with repeat purchases and 0 without."
        )
