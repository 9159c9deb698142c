"""Ward's tree against scipy and scikit-learn, and drawn by hand."""

import numpy as np
import pytest
from scipy.cluster import hierarchy
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from mercato.segmentation.hierarchical import (
    DENDROGRAM_SCHEMA,
    cut,
    dendrogram,
    trait_dendrogram,
    ward_merges,
)


def test_three_points_by_hand():
    # 0 and 1 join at 1; their centre is 4.5 from 5: sqrt(2 * 2 / 3) * 4.5.
    rows = dendrogram(np.array([[0.0], [1.0], [5.0]])).to_pylist()
    assert [row["height"] for row in rows] == pytest.approx([1, np.sqrt(4 / 3) * 4.5])
    assert [row["customer_count"] for row in rows] == [2, 3]
    assert [row["segment_count"] for row in rows] == [2, 1]
    first, last = rows
    assert sorted((first["left_position"], first["right_position"])) == [1, 2]
    assert (first["left_height"], first["right_height"]) == (0, 0)
    assert {last["left_node"], last["right_node"]} == {2, 3}
    assert sorted((last["left_height"], last["right_height"])) == [0, 1]
    assert last["merge_position"] == (0 + 1.5) / 2


def test_positions_are_those_that_scipy_draws(blobs):
    points = blobs(size=12, spread=1)
    table = dendrogram(points).to_pandas()
    drawn = hierarchy.dendrogram(hierarchy.linkage(points, "ward"), no_plot=True)
    # scipy puts leaves at 5, 15, 25 and so on.
    expected = sorted(
        [*((np.array(x) - 5) / 10), *y]
        for x, y in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    )
    columns = ["left_position"] * 2 + ["right_position"] * 2
    columns += ["left_height", "height", "height", "right_height"]
    np.testing.assert_allclose(sorted(table[columns].to_numpy().tolist()), expected)


def test_no_lines_cross(blobs):
    table = dendrogram(blobs(size=25, spread=2)).to_pandas()
    size = len(table) + 1
    leaves = {node: {node} for node in range(size)}
    place = {}
    for row in table.itertuples():
        leaves[size + row.step - 1] = leaves[row.left_node] | leaves[row.right_node]
        for node, position in (
            (row.left_node, row.left_position),
            (row.right_node, row.right_position),
        ):
            if node < size:
                place[node] = position
    assert sorted(place.values()) == list(range(size))
    for members in leaves.values():
        places = [place[leaf] for leaf in members]
        assert max(places) - min(places) == len(places) - 1


@pytest.mark.parametrize("count", [1, 2, 4, 9, 160])
def test_cut_is_that_of_scikit_learn(blobs, count):
    points = blobs(spread=1)
    model = AgglomerativeClustering(count, linkage="ward").fit(points)
    found = cut(ward_merges(points), count)
    assert len(set(found)) == count
    assert adjusted_rand_score(found, model.labels_) == 1


def test_heights_do_not_depend_on_the_order_of_rows(blobs, as_rows):
    matrix = blobs(spread=1)
    chance = np.random.default_rng(0)
    given = trait_dendrogram(as_rows(matrix))
    moved = trait_dendrogram(as_rows(matrix, chance.permutation(matrix.size)))
    renamed = trait_dendrogram(as_rows(matrix[chance.permutation(len(matrix))]))
    assert given.equals(moved)
    assert given.equals(renamed)


def test_large_shops_draw_a_sample(blobs, as_rows):
    table = trait_dendrogram(as_rows(blobs()), max_linked_rows=50)
    assert table["customer_count"].to_pylist()[-1] == 50


@pytest.mark.parametrize("rows", [0, 1])
def test_nobody_to_join_gives_no_rows(rows, as_rows):
    table = trait_dendrogram(as_rows(np.ones((rows, 2))))
    assert table.num_rows == 0
    assert table.schema == DENDROGRAM_SCHEMA


def test_bad_arguments_name_argument_value_and_bound(as_rows):
    with pytest.raises(ValueError, match=r"max_linked_rows == 0, must be >= 1\."):
        trait_dendrogram(as_rows(np.ones((2, 2))), max_linked_rows=0)
