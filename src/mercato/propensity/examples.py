"""Examples to learn from: what was known of customers at snapshots, and what came."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

# What the table of features holds beside them.
KEYS = ("snapshot_date", "customer_id", "sample_rank")
TARGET = "has_purchased"


class Examples(NamedTuple):
    """n customers at snapshots with f features, sorted by snapshot and sample rank.

    features is (n, f) with NaN where nothing is known, target (n,) is 1, 0 or, while
    the snapshot is open, NaN; snapshot (n,) is in days and customer (n,) holds ids.
    """

    names: tuple[str, ...]
    features: np.ndarray
    target: np.ndarray
    snapshot: np.ndarray
    customer: np.ndarray

    def at(self, *snapshots: np.datetime64) -> Examples:
        """Return the examples of these snapshots."""
        dates = np.array(snapshots, self.snapshot.dtype)
        return self.take(np.isin(self.snapshot, dates))

    def take(self, rows: np.ndarray) -> Examples:
        """Return the examples at these places, or where a mask is true."""
        return Examples(self.names, *(column[rows] for column in self[1:]))

    def by_customer(self) -> Examples:
        """Return the examples sorted by customer instead, those of one in order."""
        return self.take(np.argsort(self.customer.astype(str), kind="stable"))


def read_examples(table: pa.Table) -> Examples:
    """Read examples from a table of the columns KEYS, TARGET and features.

    All other columns are features and become numbers, nulls NaN. The order of the
    table's rows does not matter.
    """
    table = table.sort_by(
        [(name, "ascending") for name in ("snapshot_date", "sample_rank")]
    )
    names = tuple(name for name in table.column_names if name not in (*KEYS, TARGET))
    return Examples(
        names,
        np.array([_numbers(table[name]) for name in names]).T.reshape(-1, len(names)),
        _numbers(table[TARGET]),
        table["snapshot_date"].to_numpy().astype("datetime64[D]"),
        np.asarray(table["customer_id"].to_pylist(), object),
    )


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)
