import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics.pairwise import cosine_similarity
from threadpoolctl import threadpool_limits

from mercato import similarity
from mercato.similarity import NEIGHBOURS_SCHEMA, cosine_neighbours

RATINGS = np.array([[4, 3, 2, 1], [3, 2, 1, 4], [1, 4, 3, 2], [2, 1, 4, 3]])


def neighbours(matrix, **arguments):
    """Call with the non-zero entries of a dense matrix."""
    rows, columns = np.nonzero(matrix)
    return cosine_neighbours(rows, columns, matrix[rows, columns], **arguments)


def brute_force(matrix, top_k):
    """List (entity, neighbour, cosine, common count) from the dense matrices."""
    if not matrix.any():
        return []
    cosine = np.minimum(np.round(cosine_similarity(matrix), 8), 1)
    present = (matrix != 0).astype(int)
    common = present @ present.T
    found = []
    for entity in range(len(matrix)):
        others = [j for j in np.argsort(-cosine[entity], kind="stable") if j != entity]
        found += [
            (entity, int(j), float(cosine[entity, j]), int(common[entity, j]))
            for j in others
            if cosine[entity, j] > 0
        ][:top_k]
    return found


def as_tuples(table):
    names = ("entity_index", "neighbour_index", "cosine", "common_count")
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_published_cosines_of_the_rating_matrix():
    table = neighbours(RATINGS, top_k=3).slice(0, 3)
    assert table["neighbour_index"].to_pylist() == [1, 2, 3]
    assert table["neighbour_rank"].to_pylist() == [1, 2, 3]
    assert table["cosine"].to_pylist() == [0.8, 0.8, 0.73333333]
    assert set(table["method"].to_pylist()) == {"cosine"}


def test_hand_computed_pair_counts_common_attributes():
    # |(3, 4)| = 5 and |(1)| = 1, sharing attribute 5 alone: 3 * 1 / 5.
    table = cosine_neighbours([7, 7, 9], [5, 6, 5], [3.0, 4.0, 1.0], top_k=4)
    assert as_tuples(table) == [(7, 9, 0.6, 1), (9, 7, 0.6, 1)]
    assert table.schema == NEIGHBOURS_SCHEMA


@pytest.mark.parametrize("top_k", [1, 5, 79, 200])
@pytest.mark.parametrize("weights", ["continuous", "ones"])
def test_random_matrix_matches_brute_force(monkeypatch, top_k, weights):
    # Small blocks, so that every seam between them is crossed.
    monkeypatch.setattr(similarity, "BLOCK_NEIGHBOURS", 100)
    monkeypatch.setattr(similarity, "BLOCK_ENTRIES", 70)
    rng = np.random.default_rng(1)
    matrix = rng.random((80, 30)) * (rng.random((80, 30)) < 0.15)
    if weights == "ones":
        matrix = (matrix > 0).astype(float)
    matrix = matrix[matrix.any(axis=1)]
    found = as_tuples(neighbours(matrix, top_k=top_k))
    assert found == brute_force(matrix, top_k)


@settings(max_examples=100, deadline=None)
@given(
    matrix=hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 12), st.integers(1, 5)),
        elements=st.sampled_from([0.0, 0.0, 1.0]),
    ),
    top_k=st.integers(1, 4),
)
def test_ties_of_any_small_pattern_rank_by_index(matrix, top_k):
    assert as_tuples(neighbours(matrix, top_k=top_k)) == brute_force(matrix, top_k)


def test_identical_entities_list_the_lowest_indices():
    table = neighbours(np.ones((50, 1)), top_k=3)
    firsts = table.filter(pc.equal(table["entity_index"], 49))
    assert firsts["neighbour_index"].to_pylist() == [0, 1, 2]
    assert set(table["cosine"].to_pylist()) == {1.0}


def test_row_order_does_not_matter():
    rng = np.random.default_rng(2)
    matrix = rng.random((40, 20)) * (rng.random((40, 20)) < 0.3)
    rows, columns = np.nonzero(matrix)
    order = rng.permutation(len(rows))
    rows, columns = rows[order], columns[order]
    shuffled = cosine_neighbours(rows, columns, matrix[rows, columns], top_k=5)
    assert shuffled.equals(neighbours(matrix, top_k=5))


def test_cap_leaves_out_popular_attributes_and_keeps_norms_complete():
    # Attribute 0 has four entities, 1 and 2 have two: 16 + 4 + 4 multiply-adds.
    matrix = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]], dtype=float)
    complete = neighbours(matrix, top_k=3, max_pairs=24)
    assert set(complete["method"].to_pylist()) == {"cosine"}
    capped = neighbours(matrix, top_k=3, max_pairs=23)
    assert set(capped["method"].to_pylist()) == {"cosine_capped_at_2"}
    assert as_tuples(capped) == [
        (0, 1, pytest.approx(0.5), 2),
        (1, 0, pytest.approx(0.5), 2),
        (2, 3, pytest.approx(0.5), 2),
        (3, 2, pytest.approx(0.5), 2),
    ]


def test_capped_cosine_is_a_lower_bound():
    rng = np.random.default_rng(3)
    matrix = rng.random((60, 25)) * (rng.random((60, 25)) < np.linspace(0.05, 0.9, 25))
    complete = cosine_similarity(matrix)
    capped = neighbours(matrix, top_k=60, max_pairs=3000)
    assert capped["method"][0].as_py().startswith("cosine_capped_at_")
    for entity, other, cosine, _ in as_tuples(capped):
        assert cosine <= complete[entity, other] + 1e-8


def test_cap_of_zero_gives_no_rows():
    assert neighbours(np.ones((3, 2)), top_k=2, max_pairs=8).num_rows == 0


@pytest.mark.parametrize(
    "matrix", [np.zeros((2, 2)), np.ones((1, 3)), np.eye(3), np.zeros((0, 0))]
)
def test_entities_without_common_attributes_give_an_empty_table(matrix):
    table = neighbours(matrix, top_k=2)
    assert table.num_rows == 0
    assert table.schema == NEIGHBOURS_SCHEMA


def test_zero_weights_are_ignored():
    table = cosine_neighbours([0, 0, 1], [0, 1, 0], [2.0, 0.0, 5.0], top_k=1)
    assert as_tuples(table) == [(0, 1, 1.0, 1), (1, 0, 1.0, 1)]


def test_extreme_weights_neither_overflow_nor_vanish():
    weights = [1e300, 1e300, 1e-300, 1e-300]
    table = cosine_neighbours([0, 0, 1, 1], [0, 1, 0, 1], weights, top_k=1)
    assert table["cosine"].to_pylist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"top_k": 0}, r"top_k == 0, must be >= 1\."),
        ({"max_pairs": -1}, r"max_pairs == -1, must be >= 0\."),
        ({"weight": [1.0, -2.0]}, r"weight\[1\] == -2\.0"),
        ({"weight": [np.nan, 1.0]}, r"weight\[0\] == nan"),
        ({"weight": [np.inf, 1.0]}, r"weight\[0\] == inf"),
        ({"weight": [1.0]}, r"len\(weight\) == 1, must be == 2\."),
        ({"entity_index": [0, -1]}, r"min\(entity_index\) == -1, must be >= 0\."),
        ({"attribute_index": [0.5, 1.0]}, "must be an integer type"),
        ({"entity_index": [3, 3], "attribute_index": [4, 4]}, r"\(3, 4\)"),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message):
    good = {
        "entity_index": [0, 1],
        "attribute_index": [0, 0],
        "weight": [1.0, 1.0],
        "top_k": 1,
    }
    with pytest.raises(ValueError, match=message):
        cosine_neighbours(**(good | changes))


def test_result_does_not_depend_on_threads():
    rng = np.random.default_rng(4)
    matrix = rng.random((300, 40)) * (rng.random((300, 40)) < 0.1)
    many = neighbours(matrix, top_k=5)
    with threadpool_limits(1):
        assert neighbours(matrix, top_k=5).equals(many)
