import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial import distance
from scipy.stats import pearsonr
from sklearn.metrics.pairwise import cosine_similarity
from threadpoolctl import threadpool_limits

from mercato import comoments, similarity
from mercato.similarity import (
    METRICS,
    NEIGHBOURS_SCHEMA,
    SIMILARITIES_SCHEMA,
    cosine_neighbours,
)

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


def similarities(matrix, **arguments):
    rows, columns = np.nonzero(matrix)
    return similarity.neighbours(rows, columns, matrix[rows, columns], **arguments)


def brute_score(metric, a, b):
    """Compare two dense vectors by the definition, nan where there is none."""
    common = (a != 0) & (b != 0)
    if metric == "cosine":
        return 1 - distance.cosine(a, b)
    if metric == "euclidean":
        return 1 / (1 + distance.euclidean(a, b))
    if common.sum() < 2 or np.ptp(a[common]) == 0 or np.ptp(b[common]) == 0:
        return np.nan
    return pearsonr(a[common], b[common]).statistic


def brute_lists(matrix, metric, shrinkage):
    """List for each entity (-score, neighbour, unshrunk score, common count)."""
    lists = {}
    for i, a in enumerate(matrix):
        found = []
        for j, b in enumerate(matrix):
            common = int(((a != 0) & (b != 0)).sum())
            raw = brute_score(metric, a, b) if common and i != j else np.nan
            if np.isfinite(raw):
                score = round(raw * common / (common + shrinkage), 8)
                found.append((-score, j, raw, common))
        lists[i] = sorted(found)
    return lists


def test_published_similarities_of_the_rating_matrix():
    # Distances: (1, 1, 1, 3), (3, 1, 1, 1), (2, 2, 2, 2), so 1 / (1 + sqrt 12) and 1/5.
    table = similarities(RATINGS, top_k=3, shrinkage=dict.fromkeys(METRICS, 0))
    assert table.schema == SIMILARITIES_SCHEMA
    first = table.filter(pc.equal(table["entity_index"], 0)).to_pydict()
    assert first["metric"] == ["cosine"] * 3 + ["euclidean"] * 3 + ["pearson"] * 3
    assert first["neighbour_index"] == [1, 2, 3, 1, 2, 3, 1, 2, 3]
    assert first["neighbour_rank"] == [1, 2, 3] * 3
    near = round(1 / (1 + 12**0.5), 8)
    cosines, correlations = [0.8, 0.8, 0.73333333], [-0.2, -0.2, -0.6]
    assert first["score"] == [*cosines, near, near, 0.2, *correlations]
    assert first["unshrunk_score"] == first["score"]
    assert set(first["common_count"]) == {4}


def test_hand_computed_shrinkage_reverses_the_order():
    # Entity 1 shares one attribute of two with entity 0 and points the same way more
    # than entity 2, which shares both: .8 * 1/3 against .707107 * 2/4.
    matrix = np.array([[4, 3, 0], [1, 0, 0], [1, 7, 0]], dtype=float)
    plain = similarities(matrix, top_k=1, shrinkage={"cosine": 0})
    shrunk = similarities(matrix, top_k=1, shrinkage={"cosine": 2})
    assert plain["neighbour_index"][0].as_py() == 1
    assert plain["score"][0].as_py() == 0.8
    assert shrunk.slice(0, 1).to_pylist() == [
        {
            "metric": "cosine",
            "entity_index": 0,
            "neighbour_index": 2,
            "neighbour_rank": 1,
            "score": 0.35355339,
            "unshrunk_score": 0.70710678,
            "common_count": 2,
            "method": "cosine",
        }
    ]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("shrinkage", [0, 3])
@pytest.mark.parametrize(("top_k", "values"), [(4, "continuous"), (60, "ratings")])
def test_each_metric_matches_scipy(monkeypatch, metric, shrinkage, top_k, values):
    monkeypatch.setattr(comoments, "BLOCK_PAIRS", 150)
    rng = np.random.default_rng(6)
    matrix = rng.random((40, 15)) + 0.1
    if values == "ratings":
        matrix = np.ceil(5 * matrix / matrix.max())
    matrix *= rng.random(matrix.shape) < 0.35
    matrix = matrix[matrix.any(axis=1)]
    table = similarities(matrix, top_k=top_k, shrinkage={metric: shrinkage})
    found = table.to_pydict()
    expected = brute_lists(matrix, metric, shrinkage)
    rows = [
        (i, rank, *row)
        for i in expected
        for rank, row in enumerate(expected[i][:top_k], start=1)
    ]
    entity, rank, score, neighbour, raw, common = map(list, zip(*rows, strict=True))
    assert found["entity_index"] == entity
    assert found["neighbour_rank"] == rank
    assert found["neighbour_index"] == neighbour
    assert found["common_count"] == common
    assert found["unshrunk_score"] == pytest.approx(raw, abs=2e-8)
    assert found["score"] == pytest.approx([-s for s in score], abs=2e-8)
    assert set(found["method"]) == {metric}


def test_shrunk_and_plain_cosine_passes_agree():
    rng = np.random.default_rng(7)
    matrix = rng.random((60, 25)) * (rng.random((60, 25)) < 0.2)
    counted = similarities(matrix, top_k=9, shrinkage={"cosine": 1e-12})
    plain = similarities(matrix, top_k=9, shrinkage={"cosine": 0})
    assert counted.equals(plain)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 0, 0], [0, 5, 4, 0]),  # A single common attribute.
        ([0.1, 0.1, 0.1, 7], [1, 2, 3, 0]),  # Common values that do not vary.
        ([2, 0, 0, 0], [0, 0, 1, 3]),  # Nothing in common.
    ],
)
def test_undefined_correlations_are_left_out(a, b):
    matrix = np.array([a, b], dtype=float)
    assert similarities(matrix, top_k=3, shrinkage={"pearson": 0}).num_rows == 0


def test_correlation_of_large_and_close_values_is_kept():
    matrix = np.array([[1000, 1001, 1002], [1e6, 1.1e6, 1.2e6]])
    table = similarities(matrix, top_k=1, shrinkage={"pearson": 0})
    assert table["score"].to_pylist() == pytest.approx([1, 1], abs=1e-6)


def test_identical_vectors_have_no_distance_and_ties_rank_by_index():
    matrix = np.tile(np.array([0.1, 3.7, 1e6]), (30, 1))
    table = similarities(matrix, top_k=2, shrinkage={"euclidean": 0})
    last = table.filter(pc.equal(table["entity_index"], 29))
    assert last["neighbour_index"].to_pylist() == [0, 1]
    assert set(table["score"].to_pylist()) == {1.0}


def test_only_scores_above_the_limit_are_listed():
    shrinkage = dict.fromkeys(METRICS, 1)
    table = similarities(RATINGS, top_k=3, shrinkage=shrinkage, above=0)
    everything = similarities(RATINGS, top_k=3, shrinkage=shrinkage)
    assert table.equals(everything.filter(pc.greater(everything["score"], 0)))
    assert table.num_rows < everything.num_rows


def test_cap_leaves_out_popular_attributes_of_every_metric():
    # Attribute 0 has four entities, 1 and 2 have two: 16 + 4 + 4 pairs.
    matrix = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]], dtype=float)
    shrinkage = {"cosine": 1, "euclidean": 1}
    capped = similarities(matrix, top_k=3, shrinkage=shrinkage, max_counted_pairs=23)
    first = capped.filter(pc.equal(capped["entity_index"], 0)).to_pydict()
    # Of the sums only attribute 1 is left: cosine 1/2, distance sqrt(2 + 2 - 2 * 1).
    assert first["unshrunk_score"] == [0.5, round(1 / (1 + 2**0.5), 8)]
    assert first["common_count"] == [1, 1]
    assert first["method"] == ["cosine_capped_at_2", "euclidean_capped_at_2"]
    complete = similarities(matrix, top_k=3, shrinkage=shrinkage, max_counted_pairs=24)
    assert set(complete["method"].to_pylist()) == {"cosine", "euclidean"}
    none = similarities(matrix, top_k=3, shrinkage=shrinkage, max_counted_pairs=3)
    assert none.num_rows == 0


@pytest.mark.parametrize("matrix", [np.zeros((2, 2)), np.ones((1, 3)), np.eye(3)])
def test_no_common_attributes_give_no_similarity(matrix):
    table = similarities(matrix, top_k=2, shrinkage=dict.fromkeys(METRICS, 1))
    assert table.num_rows == 0
    assert table.schema == SIMILARITIES_SCHEMA


@pytest.mark.parametrize("metric", METRICS)
def test_extreme_weights_give_finite_scores(metric):
    matrix = np.array([[1e300, 2e300, 1], [1e-300, 3e-300, 2e-300], [1, 2, 1e12]])
    table = similarities(matrix, top_k=2, shrinkage={metric: 1})
    assert np.isfinite(table["score"].to_numpy()).all()


def test_similarities_do_not_depend_on_threads_and_the_order_of_rows():
    rng = np.random.default_rng(8)
    matrix = rng.random((200, 30)) * (rng.random((200, 30)) < 0.15)
    arguments = {"top_k": 5, "shrinkage": dict.fromkeys(METRICS, 2)}
    table = similarities(matrix, **arguments)
    rows, columns = (array[::-1] for array in np.nonzero(matrix))
    with threadpool_limits(1):
        other = similarity.neighbours(rows, columns, matrix[rows, columns], **arguments)
    assert table.equals(other)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"top_k": 0}, r"top_k == 0, must be >= 1\."),
        ({"max_pairs": -1}, r"max_pairs == -1, must be >= 0\."),
        ({"max_counted_pairs": -1}, r"max_counted_pairs == -1, must be >= 0\."),
        ({"shrinkage": {}}, "must name some of cosine, euclidean, pearson"),
        ({"shrinkage": {"jaccard": 1}}, "must name some of"),
        ({"shrinkage": {"cosine": -1}}, r"shrinkage\['cosine'\] == -1"),
        ({"shrinkage": {"pearson": np.nan}}, "must be finite and >= 0"),
        ({"above": np.nan}, "above == nan, must be a number"),
    ],
)
def test_bad_similarity_arguments_are_named(changes, message):
    good = {"top_k": 1, "shrinkage": {"cosine": 1}}
    with pytest.raises(ValueError, match=message):
        similarities(RATINGS, **(good | changes))
