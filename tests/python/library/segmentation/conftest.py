"""Traits of made-up customers, in the rows that SQL hands over."""

import numpy as np
import pyarrow as pa
import pytest

CORNERS = np.array([[4.0, 0, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0], [0, 0, 0, 0]])


@pytest.fixture
def as_rows():
    """Give the way from a matrix (customers, traits) to rows."""
    return _as_rows


@pytest.fixture
def blobs():
    """Give the way to make points around four corners, as many around each."""
    return _blobs


def _as_rows(matrix, order=None):
    customers, traits = np.shape(matrix)
    table = pa.table(
        {
            "sample_index": np.repeat(np.arange(customers), traits),
            "trait": [f"trait_{number}" for number in range(traits)] * customers,
            "value": np.asarray(matrix, float).ravel(),
        }
    )
    return table if order is None else table.take(order)


def _blobs(size=40, spread=0.3, seed=0):
    chance = np.random.default_rng(seed)
    return np.concatenate(
        [corner + chance.normal(0, spread, (size, 4)) for corner in CORNERS]
    )
