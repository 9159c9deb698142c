"""Interactions are reproducible and have taste in them, and every run can be judged."""

import argparse

import numpy as np
import pytest
import scipy.sparse

from benchmarks import recommenders, rivals
from benchmarks.interactions import draw, load, save

SIZE = recommenders.Size(customers=400, products=250, mean_draws=20)
OURS = ("mercato item_knn", "mercato svd")
SCRIPTS = ("scikit-learn cosine", "scikit-learn SVD")


@pytest.fixture(scope="module")
def drawn():
    return draw(*SIZE)


def test_equal_sizes_give_equal_interactions(drawn, tmp_path):
    save(draw(*SIZE), tmp_path)

    for name, matrix in drawn._asdict().items():
        again = load(tmp_path, name)
        assert again.shape == (400, 250)
        assert (again != matrix).nnz == 0


def test_what_is_held_out_is_not_in_training(drawn):
    assert drawn.train.multiply(drawn.held_out).nnz == 0
    share = drawn.held_out.nnz / (drawn.held_out.nnz + drawn.train.nnz)
    assert share == pytest.approx(0.1, abs=0.02)


def test_few_products_make_most_of_the_interactions(drawn):
    counts = np.sort(np.bincount(drawn.train.indices, minlength=250))
    assert counts[-50:].sum() > 0.4 * counts.sum()


def test_customers_keep_to_their_favourite_groups(drawn):
    largest = [
        np.bincount(row.indices // 50, minlength=5).max() / row.nnz
        for row in drawn.train
        if row.nnz >= 10
    ]
    assert np.mean(largest) > 0.5


def test_hand_computed_ndcg():
    # The second of two held out is at rank 2; who has none held out is not judged.
    held_out = scipy.sparse.csr_matrix([[0, 1, 1], [0, 0, 0], [1, 0, 0]])
    lists = np.array([[0, 2, -1], [1, 2, -1], [0, -1, -1]], dtype=np.int32)
    first = (1 / np.log2(3)) / (1 + 1 / np.log2(3))
    assert recommenders.mean_ndcg(lists, held_out) == pytest.approx((first + 1) / 2)


@pytest.mark.parametrize("name", [*OURS, *SCRIPTS])
def test_solutions_recommend_what_is_new(drawn, name):
    lists = rivals.SOLUTIONS[name](drawn.train)

    assert lists.shape == (400, rivals.N)
    owned = drawn.train.toarray() > 0
    assert not (np.take_along_axis(owned, lists, axis=1) & (lists >= 0)).any()


@pytest.mark.parametrize("name", ["mercato item_knn", "scikit-learn cosine"])
def test_there_is_more_to_learn_than_what_is_popular(drawn, name):
    popular = np.argsort(-np.bincount(drawn.train.indices, minlength=250))[:10]
    baseline = recommenders.mean_ndcg(np.tile(popular, (400, 1)), drawn.held_out)

    lists = rivals.SOLUTIONS[name](drawn.train)

    assert recommenders.mean_ndcg(lists, drawn.held_out) > baseline


def test_runs_are_measured_in_their_own_process(tmp_path):
    recommenders.prepare(tmp_path, SIZE)
    names = [rivals.FLOOR, "mercato item_knn"]
    limits = argparse.Namespace(threads=1, gib=8, minutes=2)
    result = recommenders.measure(tmp_path, names, limits)

    assert [run["ended"] for run in result["runs"].values()] == ["ok", "ok"]
    assert 0 < result["runs"]["mercato item_knn"]["ndcg"] < 1
    text = recommenders.as_markdown(result)
    assert "| mercato item_knn | ok |" in text


def test_a_run_that_takes_too_long_says_so(tmp_path):
    recommenders.prepare(tmp_path, SIZE)
    limits = argparse.Namespace(threads=1, gib=8, minutes=0.001)
    result = recommenders.measure(tmp_path, ["mercato ease"], limits)

    assert result["runs"]["mercato ease"]["ended"] == "time limit"
    assert "| mercato ease | time limit |" in recommenders.as_markdown(result)
