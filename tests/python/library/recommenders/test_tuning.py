import itertools
from importlib import import_module
from inspect import signature

import numpy as np
import pyarrow as pa
import pytest

from mercato.recommenders.evaluation import hits, ndcg
from mercato.recommenders.interactions import user_items
from mercato.recommenders.tuning import (
    SPACES,
    Trial,
    Window,
    best_trial,
    run_trial,
    trial_parameters,
)

CURRENT = {"factors": 64, "product_scaling": 0.6, "top_n": 30, "seed": 1}


@pytest.fixture
def window():
    """Customers of two tastes, each with one product of their own taste held out."""
    chance = np.random.default_rng(1)
    known, held_out = [], []
    for customer in range(60):
        taste = chance.permutation(10) + 10 * (customer % 2)
        known += [(customer, int(product)) for product in taste[:6]]
        held_out.append((customer, int(taste[6])))
    customers, products = map(list, zip(*known, strict=True))
    interactions = pa.table(
        {
            "customer_index": customers,
            "product_index": products,
            "weight": [1.0] * len(known),
            "is_owned": [True] * len(known),
        }
    )
    customers, products = map(list, zip(*held_out, strict=True))
    holdout = pa.table({"customer_index": customers, "product_index": products})
    return Window(interactions, holdout.select(["customer_index"]), holdout, {})


def test_current_parameters_come_first_and_none_twice():
    tried = list(trial_parameters("svd", CURRENT, seed=1))
    assert tried[0] == CURRENT
    texts = [repr(sorted(parameters.items())) for parameters in tried]
    assert len(set(texts)) == len(texts)
    sizes = [len(values) for values in SPACES["svd"].values()]
    # The current ones name no weighting, so that they are none of the combinations.
    assert len(tried) == np.prod(sizes) + 1
    assert all(parameters["top_n"] == 30 for parameters in tried)


def test_order_depends_on_the_seed_alone():
    def first(seed):
        return list(itertools.islice(trial_parameters("ease", {}, seed=seed), 8))

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_unknown_recommender():
    with pytest.raises(ValueError, match="name == 'magic', must be one of als"):
        next(trial_parameters("magic", {}, seed=1))


@pytest.mark.parametrize("name", SPACES)
def test_spaces_name_parameters_of_the_recommender(name):
    module = import_module(f"mercato.recommenders.{name}")
    known = set(signature(module.recommend).parameters) | {"weighting"}
    assert set(SPACES[name]) <= known


def test_trial_measures_what_the_recommender_foresees(window):
    trial = run_trial("svd", {"factors": 2, "seed": 1, "weighting": "binary"}, window)
    module = import_module("mercato.recommenders.svd")
    items = user_items(window.interactions, weighting="binary")
    found = module.recommend(items, factors=2, seed=1, top_n=10)
    values = ndcg(hits(found, window.holdout, k=10), 10)
    assert trial.ndcg_at_10 == pytest.approx(values.mean())
    assert trial.standard_error == pytest.approx(values.std(ddof=1) / np.sqrt(60))
    assert trial.customer_count == 60
    # Four products of the own taste are left; a list of all twenty would find less.
    assert trial.ndcg_at_10 > 0.5


def test_nobody_to_judge_by(window):
    nobody = window.holdout.slice(0, 0)
    trial = run_trial("svd", {"factors": 2, "seed": 1}, window._replace(holdout=nobody))
    assert (trial.ndcg_at_10, trial.standard_error, trial.customer_count) == (0, 0, 0)


def test_best_is_the_first_of_the_highest():
    trials = [
        Trial({"n": n}, value, 0, 9, 0) for n, value in enumerate([0.1, 0.3, 0.3])
    ]
    assert best_trial(trials).parameters == {"n": 1}
