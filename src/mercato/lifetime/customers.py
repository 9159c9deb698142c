"""What the tables of customers say of windows and of amounts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mercato.lifetime import gamma_gamma
from mercato.lifetime.maximum_likelihood import Fit


def windows_of(table: pa.Table) -> list[str]:
    """Return the windows that there are rows of, sorted."""
    return sorted(pc.unique(table["window_name"]).to_pylist())


def in_window(table: pa.Table, window: str) -> pa.Table:
    """Return the rows of a window."""
    return table.filter(pc.equal(table["window_name"], window))


def fit_amounts(customers: pa.Table) -> Fit:
    """Fit the Gamma-Gamma model to those customers who have repeat purchases."""
    return gamma_gamma.fit(*repeat_amounts(customers))


def repeat_amounts(customers: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return frequency and mean amount of those who have repeat purchases."""
    frequency = customers["frequency"].to_numpy().astype(float)
    amount = amounts_of(customers)
    return frequency[frequency > 0], amount[frequency > 0]


def amounts_of(customers: pa.Table) -> np.ndarray:
    """Return the mean amount (n,) of repeat purchases, NaN without any."""
    return customers["monetary_amount"].cast(pa.float64()).to_numpy()
