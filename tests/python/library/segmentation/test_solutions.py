"""Segments by all traits: what each method finds, and what none depends on."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.metrics import adjusted_rand_score

from mercato.segmentation.components import trait_positions
from mercato.segmentation.representatives import NOISE, Representatives, assigned
from mercato.segmentation.solutions import SOLUTIONS_SCHEMA, trait_segments

SMALL = {"max_segments": 5, "bootstrap_count": 2, "explained_share": 0.99}
METHODS = ["dbscan", "hdbscan", "kmeans", "ward"]
COORDINATES = [f"component_{number}" for number in range(1, 7)]


def selected(table, method):
    rows = table.to_pandas()
    return rows[(rows["method"] == method) & rows["is_selected"]]


def served(rows, points):
    """Assign points as SQL does: to the nearest representative within reach."""
    known = rows[rows["component_1"].notna()]
    names = known["segment_id"].replace("noise", "0").astype(int).to_numpy() - 1
    reach = known["reach"].fillna(np.inf).to_numpy()
    width = points.shape[1]
    places = known[COORDINATES].to_numpy()[:, :width]
    return assigned(points, Representatives(places, names, reach))


@pytest.mark.parametrize("method", METHODS)
def test_clear_groups_are_found_by_every_method(method, blobs, as_rows):
    rows = as_rows(blobs())
    found = selected(trait_segments(rows, **SMALL), method)
    points = trait_positions(rows, 0.99, 6)
    segments = served(found, points)
    corners = trait_positions(as_rows(blobs(spread=1e-3)), 0.99, 6)
    assert set(found["segment_count"]) == {4}
    assert set(found["sample_count"]) == {160}
    assert sorted(np.bincount(segments[segments != NOISE]))[0] > 30
    assert len(corners) == len(points)
    assert found["stability_score"].iloc[0] > 0.9


@pytest.mark.parametrize("method", METHODS)
def test_criteria_are_those_of_what_is_served(method, blobs, as_rows):
    rows = as_rows(blobs(spread=1))
    found = selected(trait_segments(rows, **SMALL), method)
    points = trait_positions(rows, 0.99, 6)
    segments = served(found, points)
    kept = segments != NOISE
    row = found.iloc[0]
    assert row["noise_share"] == pytest.approx(1 - kept.mean(), abs=1e-9)
    if row["segment_count"] > 1:
        expected = metrics.silhouette_score(points[kept], segments[kept])
        assert row["silhouette_score"] == pytest.approx(expected, abs=1e-9)
    sizes = np.bincount(segments[kept])
    assert sizes.tolist() == sorted(sizes, reverse=True)
    assert len(sizes) == row["segment_count"]


def test_each_count_is_tried_and_one_selected(blobs, as_rows):
    rows = trait_segments(as_rows(blobs(spread=1)), **SMALL).to_pandas()
    tried = rows.drop_duplicates(["method", "segment_count"]).groupby("method")
    counts = tried["segment_count"].apply(list).to_dict()
    assert counts["kmeans"] == counts["ward"] == [3, 4, 5]
    assert tried["is_selected"].sum().to_dict() == dict.fromkeys(METHODS, 1)
    best = rows[rows["method"] == "ward"].sort_values("silhouette_score").iloc[-1]
    assert best["is_selected"]


def test_row_order_and_names_of_customers_do_not_matter(blobs, as_rows):
    matrix = blobs(spread=1)
    chance = np.random.default_rng(0)
    limits = SMALL | {"max_linked_rows": 90}
    given = trait_segments(as_rows(matrix), **limits)
    moved = trait_segments(as_rows(matrix, chance.permutation(matrix.size)), **limits)
    renamed = trait_segments(as_rows(matrix[chance.permutation(160)]), **limits)
    assert given.equals(moved)
    assert given.equals(renamed)


@pytest.mark.parametrize("method", METHODS)
def test_turned_and_moved_traits_have_the_same_segments(method, blobs, as_rows):
    matrix = blobs(spread=0.8)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    segments = []
    for traits in (matrix, matrix @ turn + 3):
        rows = as_rows(traits)
        found = selected(trait_segments(rows, **SMALL), method)
        weights = np.linalg.svd(traits - traits.mean(axis=0))[2]
        # Signs may differ from those of the library: try to undo them.
        scores = (traits - traits.mean(axis=0)) @ weights.T
        positions = trait_positions(rows, 0.99, 6)
        signs = [
            1 if np.allclose(np.sort(s), np.sort(p), atol=1e-5) else -1
            for s, p in zip(scores.T, positions.T, strict=False)
        ]
        width = positions.shape[1]
        segments.append(served(found, scores[:, :width] * signs))
    assert adjusted_rand_score(*segments) > 0.99


def test_past_its_limit_kmeans_goes_by_mini_batches(blobs, as_rows):
    found = trait_segments(as_rows(blobs()), full_batch_rows=100, **SMALL).to_pandas()
    algorithms = found.groupby("method")["algorithm"].unique().map(list).to_dict()
    assert algorithms["kmeans"] == ["mini_batch"]
    assert algorithms["ward"] == [None]


def test_large_shops_are_judged_by_a_sample(blobs, as_rows):
    found = trait_segments(as_rows(blobs(size=100)), max_linked_rows=120, **SMALL)
    assert set(found["sample_count"].to_pylist()) == {120}


def test_segments_that_the_sample_misses_are_there(blobs, as_rows):
    far = np.array([[90.0, 0, 0, 0]])
    found = trait_segments(
        as_rows(np.concatenate([blobs(), far])), **SMALL | {"max_linked_rows": 10}
    ).to_pandas()
    kmeans = found[found["method"] == "kmeans"]
    assert kmeans.groupby("segment_count").size().to_dict() == {3: 3, 4: 4, 5: 5}
    assert not found.duplicated(["method", "segment_count", "point_index"]).any()


def test_everybody_may_be_noise(as_rows):
    found = trait_segments(as_rows([[0.0], [1.0], [5.0]]), **SMALL)
    (row,) = selected(found, "dbscan").to_dict("records")
    assert (row["segment_id"], row["segment_count"]) == ("noise", 0)
    assert row["noise_share"] == 1
    assert np.isnan(row["component_1"])


def test_fewer_customers_than_segments_are_one_each(as_rows):
    found = selected(trait_segments(as_rows([[0.0], [7.0]]), **SMALL), "kmeans")
    assert found["segment_id"].tolist() == ["1", "2"]
    assert found["inertia"].tolist() == [0, 0]
    assert found["silhouette_score"].isna().all()


@pytest.mark.parametrize("matrix", [np.empty((0, 2)), [[1.0, 2.0]], np.ones((9, 2))])
def test_nothing_to_tell_customers_apart_gives_no_rows(matrix, as_rows):
    table = trait_segments(as_rows(matrix))
    assert table.num_rows == 0
    assert table.schema == SOLUTIONS_SCHEMA


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_segments": 0}, r"min_segments == 0, must be >= 1\."),
        ({"max_segments": 2}, r"max_segments == 2, must be >= 3\."),
        ({"full_batch_rows": 0}, r"full_batch_rows == 0, must be >= 1\."),
        ({"max_linked_rows": 1}, r"max_linked_rows == 1, must be >= 2\."),
        ({"min_neighbours": 1}, r"min_neighbours == 1, must be >= 2\."),
        ({"bootstrap_count": -1}, r"bootstrap_count == -1, must be >= 0\."),
        ({"min_segment_share": 2}, r"min_segment_share == 2, must be >= 0 and <= 1\."),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message, as_rows):
    with pytest.raises(ValueError, match=message):
        trait_segments(as_rows(np.eye(3)), **changes)
