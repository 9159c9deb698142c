import numpy as np
import pyarrow as pa
import pytest
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from mercato.segmentation.rfm import FEATURES, SEGMENTS_SCHEMA, kmeans_segments

CORNERS = np.array(
    [[-1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]
)
ARCHETYPES = pa.table(
    {"segment_id": ["champions", "lost", "new", "at_risk"]}
    | dict(zip(FEATURES, CORNERS.T, strict=True))
)


def features(points):
    return pa.table(dict(zip(FEATURES, np.asarray(points, float).T, strict=True)))


def segments(points, **changes):
    arguments = {"min_segments": 2, "max_segments": 4, "seed": 0} | changes
    archetypes = arguments.pop("archetypes", ARCHETYPES)
    return kmeans_segments(features(points), archetypes, **arguments)


def blobs(seed=0, size=60, spread=0.1):
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [corner + rng.normal(0, spread, (size, 3)) for corner in CORNERS]
    )


def test_hand_computed_clusters_of_six_points():
    # Three pairs, each half a unit from its centre: inertia 6 * 0.25.
    ends = [[-4.5, 0, 0], [-3.5, 0, 0], [-0.5, 0, 0], [0.5, 0, 0], [3.5, 0, 0]]
    table = segments([*ends, [4.5, 0, 0]], min_segments=3, max_segments=3)
    assert table["recency_z"].to_pylist() == pytest.approx([-4, 0, 4])
    assert table["customer_count"].to_pylist() == [2, 2, 2]
    assert table["inertia"][0].as_py() == pytest.approx(1.5)
    # Outer points: nearest other cluster at 4 +- 0.5; inner ones: at 3.5.
    by_hand = (2 * (1 - 1 / 4.5) + 2 * (1 - 1 / 3.5) + 2 * (1 - 1 / 3.5)) / 6
    assert table["silhouette_score"][0].as_py() == pytest.approx(by_hand, abs=1e-9)


def test_clear_groups_are_selected_and_named():
    table = segments(blobs())
    chosen = table.filter(table["is_selected"]).to_pylist()
    assert [row["customer_count"] for row in chosen] == [60] * 4
    for row in chosen:
        centre = np.array([row[name] for name in FEATURES])
        nearest = np.argmin(np.linalg.norm(CORNERS - centre, axis=1))
        assert row["segment_id"] == ARCHETYPES["segment_id"][nearest].as_py()


def test_iris_criteria_agree_with_scikit_learn():
    # Three of the four columns of Iris, so that no published number applies.
    points = load_iris().data[:, :3]
    model = KMeans(3, n_init=10, random_state=0).fit(points)
    table = segments(points, min_segments=3, max_segments=3)
    row = table.to_pylist()[0]
    labels = model.labels_
    expected = {
        "inertia": model.inertia_,
        "silhouette_score": metrics.silhouette_score(points, labels),
        "davies_bouldin_score": metrics.davies_bouldin_score(points, labels),
        "calinski_harabasz_score": metrics.calinski_harabasz_score(points, labels),
    }
    assert {name: row[name] for name in expected} == pytest.approx(expected, rel=1e-6)


def test_selected_count_has_the_highest_silhouette():
    table = segments(np.random.default_rng(1).normal(size=(300, 3))).to_pandas()
    scores = table.groupby("segment_count")["silhouette_score"].first()
    selected = table.loc[table["is_selected"], "segment_count"].unique()
    assert selected.tolist() == [scores.idxmax()]
    assert table.groupby("segment_count").size().to_dict() == {2: 2, 3: 3, 4: 4}


def test_segment_ids_are_unique_within_a_count():
    table = segments(np.random.default_rng(2).normal(size=(200, 3))).to_pandas()
    assert not table.duplicated(["segment_count", "segment_id"]).any()


def test_row_order_of_customers_and_archetypes_does_not_matter():
    points = blobs(seed=3, spread=0.6)
    rng = np.random.default_rng(4)
    limits = {"max_fit_rows": 100, "silhouette_rows": 50}
    shuffled = segments(
        points[rng.permutation(len(points))],
        archetypes=ARCHETYPES.take([2, 0, 3, 1]),
        **limits,
    )
    assert shuffled.equals(segments(points, **limits))


def test_a_sample_of_customers_is_fitted_but_all_are_counted():
    table = segments(blobs(size=500), max_fit_rows=200, silhouette_rows=100)
    chosen = table.filter(table["is_selected"])
    assert chosen["customer_count"].to_pylist() == [500] * 4
    assert chosen["silhouette_score"][0].as_py() > 0.8


def test_same_seed_gives_the_same_table():
    points = blobs(seed=5, spread=0.8)
    assert segments(points, seed=7).equals(segments(points, seed=7))


def test_extra_columns_are_ignored():
    table = features(blobs()).append_column("customer_id", pa.array(["x"] * 240))
    named = kmeans_segments(table, ARCHETYPES, min_segments=2, max_segments=4)
    assert named.equals(segments(blobs()))


@pytest.mark.parametrize(
    ("points", "counts"),
    [
        ([[0.5, 0, 0]], [1]),
        ([[0.5, 0, 0]] * 9, [9]),
        ([[0, 0, 0], [1, 1, 1]], [1, 1]),
        ([[0, 0, 0], [1, 1, 1], [1, 1, 1]], [1, 2]),
    ],
)
def test_fewer_points_than_clusters_become_the_clusters(points, counts):
    table = segments(points, min_segments=3, max_segments=4)
    assert table["customer_count"].to_pylist() == counts
    assert table["inertia"].to_pylist() == [0] * len(counts)
    assert set(table["is_selected"].to_pylist()) == {True}


def test_criteria_of_one_cluster_are_null():
    (row,) = segments([[0.5, 0, 0]] * 3).to_pylist()
    assert row["silhouette_score"] is None
    assert row["davies_bouldin_score"] is None
    assert row["calinski_harabasz_score"] is None


def test_no_customers_give_an_empty_table():
    table = segments(np.empty((0, 3)), archetypes=ARCHETYPES.slice(0, 0))
    assert table.num_rows == 0
    assert table.schema == SEGMENTS_SCHEMA


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_segments": 0}, r"min_segments == 0, must be >= 1\."),
        ({"max_segments": 1}, r"max_segments == 1, must be >= 2\."),
        ({"max_segments": 5}, r"max_segments == 5, must be <= 4"),
        ({"max_fit_rows": 3}, r"max_fit_rows == 3, must be >= 4\."),
        ({"silhouette_rows": 1}, r"silhouette_rows == 1, must be >= 2\."),
        ({"points": [[0, np.nan, 0]]}, "frequency_z == nan in row 0 of features"),
        ({"archetypes": ARCHETYPES.take([0, 0, 1, 2])}, "distinct segment_id == 3"),
    ],
)
def test_bad_arguments_name_argument_value_and_bound(changes, message):
    with pytest.raises(ValueError, match=message):
        segments(**({"points": blobs(size=5)} | changes))


def test_stability_and_algorithm_are_recorded_for_each_count():
    clear = segments(blobs(), full_batch_rows=239).to_pandas()
    of_four = clear[clear["segment_count"] == 4]
    assert (of_four["stability_score"] > 0.99).all()
    assert set(clear["algorithm"]) == {"mini_batch"}
    assert set(segments(blobs())["algorithm"].to_pylist()) == {"lloyd"}
