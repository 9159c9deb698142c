"""Customers drawn from the models themselves, and tables as SQL hands them over."""

import numpy as np
import pyarrow as pa
import pytest

from mercato.lifetime.histories import histories


def draw_bg_nbd(rng, parameters, ages):
    """Frequency and recency of customers of these ages, drawn as the model says."""
    r, alpha, a, b = parameters
    rate = rng.gamma(r, 1 / alpha, len(ages))
    drop = rng.beta(a, b, len(ages))
    return _draw(rng, rate, np.full(len(ages), np.inf), drop, ages)


def draw_pareto_nbd(rng, parameters, ages):
    r, alpha, s, beta = parameters
    rate = rng.gamma(r, 1 / alpha, len(ages))
    lifetime = rng.exponential(1 / rng.gamma(s, 1 / beta, len(ages)))
    return _draw(rng, rate, lifetime, np.zeros(len(ages)), ages)


def _draw(rng, rate, lifetime, drop, ages):
    frequency, recency, time = np.zeros((3, len(ages)))
    active = np.arange(len(ages))
    while len(active):
        time[active] += rng.exponential(1 / rate[active])
        active = active[time[active] < np.minimum(lifetime, ages)[active]]
        frequency[active] += 1
        recency[active] = time[active]
        active = active[rng.random(len(active)) >= drop[active]]
    return frequency, recency


@pytest.fixture
def drawn():
    """Give the way to draw histories of a model by its name."""
    draws = {"bg_nbd": draw_bg_nbd, "pareto_nbd": draw_pareto_nbd}

    def draw(method, parameters, size, seed):
        rng = np.random.default_rng(seed)
        ages = rng.uniform(10, 60, size)
        return histories(*draws[method](rng, parameters, ages), ages)

    return draw


@pytest.fixture
def shop():
    """Give the way to make a small shop: the tables of counts and of customers."""

    def make(size=400, window="serving", holdout_days=None, seed=3):
        rng = np.random.default_rng(seed)
        age = rng.integers(40, 400, size)
        frequency, last = draw_bg_nbd(rng, (0.8, 40.0, 0.7, 2.5), age.astype(float))
        recency = np.ceil(last).astype(int)
        amount = rng.gamma(3, 1 / rng.gamma(4, 1 / 60, size))
        customers = pa.table(
            {
                "window_name": [window] * size,
                "customer_id": [f"c{number:04}" for number in range(size)],
                "frequency": frequency.astype(int),
                "recency_days": recency,
                "age_days": age,
                "monetary_amount": pa.array(
                    np.where(frequency > 0, amount, np.nan), from_pandas=True
                ),
                "holdout_days": pa.array([holdout_days] * size, pa.int64()),
            }
        )
        keys = ["window_name", "frequency", "recency_days", "age_days"]
        counts = customers.group_by(keys).aggregate([("customer_id", "count")])
        return counts.rename_columns([*keys, "customer_count"]), customers

    return make
