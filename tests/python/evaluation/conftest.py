"""Random rankings of random customers, judged by the project's SQL."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

# What ranx compiles is run for moments, and takes a minute to compile.
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")

WINDOWS = {"validation": "2011-06-12", "test": "2011-09-10"}
# How many of a judge's wishes a recommender knows, and puts at the top more or less.
RECOMMENDERS = {"good": 0.8, "poor": 0.2, "popularity": 0.4, "popularity_recent": 0.3}
CUSTOMERS, PRODUCTS, NEW_PRODUCTS = 80, 90, 25
JUDGING_MODELS = (
    "recommendation_metric_definitions",
    "rank_discounts",
    "relevant_products",
    "judges",
    "recommendation_hits",
    "recommendation_hit_sums",
    "recommendation_customer_metrics",
    "recommendation_baseline",
    "recommendation_metric_sums",
    "recommendation_metrics",
    "recommender_champion",
)


def _random_shop(seed: int) -> dict[str, pd.DataFrame]:
    """Make what the evaluation reads: who bought what, and what was recommended."""
    chance = np.random.default_rng(seed)
    holdout, candidates = [], []
    for window in WINDOWS:
        for customer in range(CUSTOMERS):
            wanted = chance.choice(PRODUCTS, chance.integers(1, 26), replace=False)
            holdout += [(window, customer, product) for product in wanted]
            for model, skill in RECOMMENDERS.items():
                places = chance.random(PRODUCTS)
                places[wanted] *= 1 - skill * chance.random(len(wanted))
                # Some lists are short, some are missing.
                length = chance.choice([0, 3, 12, 30], p=[0.1, 0.1, 0.2, 0.6])
                for rank, product in enumerate(np.argsort(places)[:length], 1):
                    candidates.append((model, window, customer, product, rank))
    customers = np.arange(CUSTOMERS)
    days = pd.date_range("2011-01-01", periods=8)
    return {
        "feat_window__splits": pd.DataFrame(
            {
                "window_name": list(WINDOWS),
                "train_until": pd.to_datetime(list(WINDOWS.values())),
            }
        ),
        "feat_customer__index": pd.DataFrame(
            {"customer_index": customers, "customer_id": customers.astype(str)}
        ),
        "feat_customer_product__signals": pd.DataFrame(
            [
                (str(customer), "order", day.date())
                for customer in customers
                for day in days[: customer % 8]
            ],
            columns=["customer_id", "interaction_type", "interaction_date"],
        ),
        "feat_window_customer__targets": pd.DataFrame(
            [(window, customer) for window in WINDOWS for customer in customers],
            columns=["window_name", "customer_index"],
        ),
        "feat_window_product__catalogue": pd.DataFrame(
            [
                (window, product, pd.Timestamp(until) - pd.Timedelta(days=age))
                for window, until in WINDOWS.items()
                for product in range(PRODUCTS)
                for age in [10 if product < NEW_PRODUCTS else 100]
            ],
            columns=["window_name", "product_index", "first_seen_at"],
        ),
        "feat_customer_product__holdout": pd.DataFrame(
            holdout, columns=["window_name", "customer_index", "product_index"]
        ),
        "recommendation_candidates": pd.DataFrame(
            candidates,
            columns=[
                "model_name",
                "window_name",
                "customer_index",
                "product_index",
                "recommendation_rank",
            ],
        ),
    }


@pytest.fixture(scope="session")
def judge_random_shop(builder, tmp_path_factory) -> Callable[..., Path]:
    """Give the way to judge the random shop, in any order of rows, or an empty one."""

    def judge(order_seed: int | None = None, is_empty: bool = False) -> Path:
        folder = tmp_path_factory.mktemp("judged")
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            for name, rows in _random_shop(20111209).items():
                if order_seed is not None:
                    rows = rows.sample(frac=1, random_state=order_seed)
                connection.register("rows", rows)
                connection.execute(f"create table {name} as select * from rows")
                if is_empty:
                    connection.execute(f"truncate {name}")
        return builder.build(folder, "--select", *JUDGING_MODELS)

    return judge


@pytest.fixture(scope="session")
def random_judgement(judge_random_shop) -> Iterator[duckdb.DuckDBPyConnection]:
    """Connect to the judged random shop, to read."""
    with duckdb.connect(str(judge_random_shop()), read_only=True) as connection:
        yield connection
