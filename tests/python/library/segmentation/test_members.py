import numpy as np
import pyarrow as pa
import pytest

from mercato.segmentation.members import MEMBERS_SCHEMA, members, with_members
from mercato.segmentation.rfm import FEATURES, kmeans_segments

ARCHETYPES = pa.table(
    {"segment_id": ["a", "b", "c"]}
    | dict(zip(FEATURES, np.eye(3, dtype=float), strict=True))
)


@pytest.fixture(scope="module")
def features():
    points = np.random.default_rng(3).normal(size=(300, 3))
    return pa.table(dict(zip(FEATURES, points.T, strict=True)))


@pytest.fixture(scope="module")
def segments(features):
    return kmeans_segments(features, ARCHETYPES, min_segments=2, max_segments=3)


def test_hand_computed_members_of_two_centres():
    centres = pa.table(
        {"segment_count": pa.array([2, 2], pa.int32())}
        | {"cluster_index": pa.array([0, 1], pa.int32())}
        | dict(zip(FEATURES, [[-1.0, 1.0], [0.0, 0.0], [0.0, 0.0]], strict=True))
    )
    customers = [[-1.5, 0, 0], [-1.0, 2, 0], [3.0, 0, 0]]
    table = members(
        centres, pa.table(dict(zip(FEATURES, np.array(customers).T, strict=True)))
    )
    assert table.schema == MEMBERS_SCHEMA
    assert table["customer_count"].to_pylist() == [2, 1]
    assert table["inertia"].to_pylist() == [0.25 + 4, 4]


@pytest.mark.parametrize("row_count", [1, 77, 300])
def test_parts_add_up_to_what_was_fitted_to_everybody(features, segments, row_count):
    starts = range(0, 300, row_count)
    parts = [members(segments, features.slice(at, row_count)) for at in starts]
    found = with_members(segments, pa.concat_tables(parts[::-1]))
    assert found.schema == segments.schema
    others = [name for name in segments.column_names if name != "inertia"]
    assert found.select(others).equals(segments.select(others).combine_chunks())
    np.testing.assert_allclose(found["inertia"], segments["inertia"], rtol=1e-9)


def test_the_order_of_parts_changes_no_digit(features, segments):
    parts = [members(segments, features.slice(at, 7)) for at in range(0, 300, 7)]
    forth, back = (
        with_members(segments, pa.concat_tables(order))
        for order in (parts, parts[::-1])
    )
    assert forth.equals(back)


def test_criteria_stay_those_of_the_sample(features):
    sample = kmeans_segments(features.slice(0, 100), ARCHETYPES, max_segments=3)
    found = with_members(sample, members(sample, features))
    assert sum(found["customer_count"].to_pylist()) == 300
    assert found["silhouette_score"].equals(sample["silhouette_score"])


def test_what_is_not_finite_is_refused(segments):
    nothing = pa.table({name: [np.nan] for name in FEATURES})
    with pytest.raises(ValueError, match="recency_z == nan in row 0 of features"):
        members(segments, nothing)
