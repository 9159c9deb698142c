"""The similarities in SQL, against those of NumPy, on DuckDB."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from mercato import similarity, similarity_sql
from mercato.similarity import METRICS, SIMILARITIES_SCHEMA

KEYS = [(name, "ascending") for name in ("metric", "entity_index", "neighbour_rank")]


@pytest.fixture
def both():
    """Give the way to compute both from the non-zero entries of a dense matrix."""

    def both(matrix, **arguments):
        rows, columns = np.nonzero(matrix)
        weights = np.asarray(matrix, dtype=float)[rows, columns]
        entries = pa.table(
            [rows, columns, weights], ["entity_index", "attribute_index", "weight"]
        )
        with duckdb.connect() as session:
            session.register("entries", entries)
            found = similarity_sql.neighbours(session, "entries", **arguments)
            found = found.to_arrow_table().sort_by(KEYS).cast(SIMILARITIES_SCHEMA)
        return found, similarity.neighbours(rows, columns, weights, **arguments)

    return both


def assert_same(found, expected):
    scores = ["score", "unshrunk_score"]
    assert found.drop_columns(scores).equals(expected.drop_columns(scores))
    for name in scores:
        difference = found[name].to_numpy() - expected[name].to_numpy()
        assert np.abs(difference).max(initial=0) < 1.5e-8


def random_matrix(seed, values):
    rng = np.random.default_rng(seed)
    matrix = rng.random((50, 18)) + 0.1
    if values == "ratings":
        matrix = np.ceil(5 * matrix / matrix.max())
    if values == "ones":
        matrix = np.ones_like(matrix)
    return matrix * (rng.random(matrix.shape) < np.linspace(0.1, 0.6, 18))


def test_hand_computed_scores(both):
    # Both share attribute 0 alone: 3 / 5 of the cosine, a distance of sqrt(4 + 16).
    matrix = np.array([[3.0, 4.0], [1.0, 0.0]])
    found, _ = both(matrix, top_k=3, shrinkage={"cosine": 1, "euclidean": 0})
    assert found["neighbour_index"].to_pylist() == [1, 0, 1, 0]
    assert found["score"].to_pylist() == [0.3, 0.3, *[round(1 / (1 + 20**0.5), 8)] * 2]
    assert found["unshrunk_score"][0].as_py() == 0.6
    assert set(found["common_count"].to_pylist()) == {1}


@pytest.mark.parametrize("values", ["continuous", "ratings", "ones"])
@pytest.mark.parametrize("shrinkage", [0, 3])
@pytest.mark.parametrize("top_k", [3, 60])
def test_all_metrics_agree(both, values, shrinkage, top_k):
    arguments = {"top_k": top_k, "shrinkage": dict.fromkeys(METRICS, shrinkage)}
    found, expected = both(random_matrix(1, values), **arguments)
    assert expected.num_rows
    assert_same(found, expected)


@pytest.mark.parametrize("max_pairs", [0, 300, 1500, 4000, 10**9])
def test_caps_agree_and_are_named_alike(both, max_pairs):
    found, expected = both(
        random_matrix(2, "continuous"),
        top_k=5,
        shrinkage={"cosine": 0, "euclidean": 2, "pearson": 2},
        max_pairs=2 * max_pairs,
        max_counted_pairs=max_pairs,
        above=0,
    )
    assert_same(found, expected)


def test_only_scores_above_the_limit_are_listed(both):
    arguments = {"top_k": 50, "shrinkage": dict.fromkeys(METRICS, 1), "above": 0.2}
    assert_same(*both(random_matrix(3, "continuous"), **arguments))


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((2, 2)),
        np.ones((1, 3)),
        np.eye(3),
        np.ones((30, 1)),
        np.tile([0.1, 3.7, 1e6], (30, 1)),
        np.array([[1000.0, 1001, 1002], [1e6, 1.1e6, 1.2e6]]),
        np.array([[1e30, 2e30, 1], [1e-30, 3e-30, 2e-30], [1, 2, 1e12]]),
    ],
    ids=["none", "one", "apart", "one attribute", "equal", "large", "extreme"],
)
def test_odd_matrices_agree(both, matrix):
    arguments = {"top_k": 2, "shrinkage": dict.fromkeys(METRICS, 1)}
    assert_same(*both(matrix, **arguments))
    assert_same(*both(matrix, top_k=2, shrinkage={"cosine": 0}))


def test_entries_of_weight_0_are_ignored():
    columns = {"entity_index": [0, 0, 1], "attribute_index": [0, 1, 0]}
    entries = pa.table(columns | {"weight": [2.0, 0.0, 5.0]})
    with duckdb.connect() as session:
        session.register("entries", entries)
        found = similarity_sql.neighbours(
            session, "entries", top_k=1, shrinkage={"cosine": 0}
        )
        assert found.fetchnumpy()["score"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"top_k": 0}, r"top_k == 0, must be >= 1\."),
        ({"max_pairs": -1}, r"max_pairs == -1, must be >= 0\."),
        ({"shrinkage": {"jaccard": 1}}, "must name some of"),
        ({"above": np.nan}, "above == nan, must be a number"),
    ],
)
def test_bad_arguments_are_named(both, changes, message):
    good = {"top_k": 1, "shrinkage": {"cosine": 1}}
    with pytest.raises(ValueError, match=message):
        both(np.eye(2), **(good | changes))
