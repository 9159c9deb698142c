"""Customers are reproducible, and every solution can be run and judged."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks import lifetime


@pytest.fixture(scope="module")
def drawn():
    return lifetime.draw(3_000)


def test_equal_sizes_give_equal_customers(drawn):
    for name, column in lifetime.draw(3_000).items():
        assert (column == drawn[name]).all()


def test_customers_are_possible(drawn):
    assert (drawn["recency"] <= drawn["age"]).all()
    assert ((drawn["recency"] > 0) == (drawn["frequency"] > 0)).all()
    assert (drawn["frequency"] <= drawn["recency"]).all()
    assert 0 < drawn["bought"].mean() < lifetime.HORIZON_DAYS


@pytest.mark.parametrize("name", ["mercato bg_nbd", "mercato pareto_nbd"])
def test_solutions_are_judged(name, drawn, tmp_path: Path):
    np.savez(
        tmp_path / "customers.npz", **{k: drawn[k] for k in drawn if k != "bought"}
    )
    options = argparse.Namespace(gib=4, minutes=2)
    run = lifetime._run(name, tmp_path, drawn["bought"], options)
    assert run["ended"] == "ok"
    # Better than to expect the same of everybody.
    assert run["error"] < drawn["bought"].std()
    assert abs(run["bias"]) < 0.2
    text = lifetime.as_markdown(
        {"customer_count": 3000, "measured_at": "", "cpu_count": 2, "runs": {name: run}}
    )
    assert name in text


def test_what_is_not_installed_says_so(monkeypatch, drawn, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    run = lifetime._run("lifetimes bg_nbd", tmp_path, drawn["bought"], None)
    assert run == {"ended": "lifetimes is not installed"}
