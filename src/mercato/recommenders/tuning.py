"""Search for a recommender's best parameters by what they foresee on one window."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from mercato.recommenders.evaluation import hits, ndcg
from mercato.recommenders.interactions import user_items

CUTOFF = 10
WEIGHTINGS = ("log", "binary", "linear")

# The values that are tried for each parameter, each with each other.
SPACES: dict[str, dict[str, Sequence[Any]]] = {
    "als": {
        "weighting": WEIGHTINGS,
        "factors": (16, 32, 64, 128),
        "alpha": (0.5, 2.0, 8.0, 32.0),
        "regularization": (0.01, 0.1, 1.0, 10.0),
        "iterations": (10, 20),
    },
    "association": {
        "weighting": WEIGHTINGS,
        "minimum_basket_count": (2, 3, 5, 10),
    },
    "content": {"weighting": WEIGHTINGS},
    "ease": {
        "weighting": WEIGHTINGS,
        "l2": (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0),
    },
    "item_knn": {
        "weighting": WEIGHTINGS,
        "neighbours": (20, 50, 100, 200, 500),
        "shrinkage": (0.0, 5.0, 10.0, 50.0, 100.0),
    },
    "nmf": {"weighting": WEIGHTINGS, "factors": (8, 16, 32, 64)},
    "svd": {
        "weighting": WEIGHTINGS,
        "factors": (8, 16, 32, 64, 128),
        "product_scaling": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
    },
    "user_knn": {
        "weighting": WEIGHTINGS,
        "neighbours": (20, 50, 100, 200, 500),
        "shrinkage": (0.0, 5.0, 10.0, 50.0, 100.0),
    },
    "vae": {
        "weighting": WEIGHTINGS,
        "hidden": (100, 200, 600),
        "latent": (32, 64, 200),
        "epochs": (20, 50, 100),
    },
}


class Window(NamedTuple):
    """What is known before a split, who is judged by, and what they bought after it."""

    interactions: pa.Table
    targets: pa.Table
    holdout: pa.Table
    side_tables: Mapping[str, pa.Table]


class Trial(NamedTuple):
    """One choice of parameters and how well it foresaw the window."""

    parameters: dict[str, Any]
    ndcg_at_10: float
    standard_error: float
    customer_count: int
    seconds: float


def trial_parameters(
    name: str, current: Mapping[str, Any], *, seed: int
) -> Iterator[dict[str, Any]]:
    """Yield the current parameters, then all others of the space in random order.

    Raises ValueError where no recommender has that name.
    """
    if name not in SPACES:
        raise ValueError(f"name == {name!r}, must be one of {', '.join(SPACES)}.")
    yield dict(current)
    space = SPACES[name]
    choices = list(itertools.product(*space.values()))
    order = np.random.default_rng(seed).permutation(len(choices))
    for place in order:
        parameters = dict(current) | dict(zip(space, choices[place], strict=True))
        if parameters != dict(current):
            yield parameters


def run_trial(name: str, parameters: Mapping[str, Any], window: Window) -> Trial:
    """Fit a recommender on a window and measure NDCG@10 on what was held out.

    parameters are those of the recommender and `weighting`; 10 products are asked for
    whatever its top_n. Only customers of targets count.
    """
    of_model = dict(parameters) | {"top_n": CUTOFF}
    started = time.perf_counter()
    items = user_items(
        window.interactions,
        window.targets,
        weighting=of_model.pop("weighting", "log"),
    )
    recommend = import_module(f"mercato.recommenders.{name}").recommend
    found = recommend(items, **of_model, **window.side_tables)
    seconds = time.perf_counter() - started
    values = ndcg(hits(found, window.holdout, k=CUTOFF), CUTOFF)
    count = len(values)
    return Trial(
        parameters=dict(parameters),
        ndcg_at_10=float(values.mean()) if count else 0.0,
        standard_error=float(values.std(ddof=1) / np.sqrt(count)) if count > 1 else 0.0,
        customer_count=count,
        seconds=seconds,
    )


def best_trial(trials: Sequence[Trial]) -> Trial:
    """Return the trial of the highest NDCG@10, of equal ones the earliest.

    The first is that of the current parameters: they are kept unless another is better.
    """
    return max(trials, key=lambda trial: round(trial.ndcg_at_10, 9))
