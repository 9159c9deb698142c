import numpy as np
import pyarrow as pa
import pytest

from mercato.recommenders.interactions import INTERACTIONS_SCHEMA, user_items

THREE = pa.table(
    {
        "customer_index": [9, 2, 9],
        "product_index": [40, 7, 7],
        "weight": [3.0, 1.0, 2.0],
        "is_owned": [True, False, False],
    }
)


def replaced(**columns):
    table = THREE
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(values))
    return table


def test_rows_and_columns_are_the_indices_in_ascending_order():
    items = user_items(THREE, weighting="linear")
    assert items.customers.tolist() == [2, 9]
    assert items.products.tolist() == [7, 40]
    assert items.weights.toarray().tolist() == [[1, 0], [2, 3]]
    assert items.owned.toarray().tolist() == [[False, False], [False, True]]
    assert items.asked.tolist() == [0, 1]
    assert items.weights.dtype == np.float64
    assert items.customers.dtype == items.products.dtype == np.int64


@pytest.mark.parametrize(
    ("weighting", "expected"),
    [
        ("log", [np.log(2), np.log(3), np.log(4)]),
        ("linear", [1, 2, 3]),
        ("binary", [1, 1, 1]),
    ],
)
def test_weighting(weighting, expected):
    assert user_items(THREE, weighting=weighting).weights.data == pytest.approx(
        expected
    )


def test_log_is_the_default():
    assert user_items(THREE).weights.data == pytest.approx(np.log([2, 3, 4]))


def test_targets_are_asked_where_they_have_interactions():
    targets = pa.table({"customer_index": [9, 5, 9], "window_name": ["test"] * 3})
    assert user_items(THREE, targets).asked.tolist() == [1]
    assert user_items(THREE, targets.slice(0, 0)).asked.tolist() == []


def test_row_order_chunks_and_types_do_not_matter():
    other = pa.concat_tables([THREE.slice(2, 1), THREE.slice(0, 2)])
    other = other.cast(
        pa.schema(
            [
                ("customer_index", pa.int32()),
                ("product_index", pa.uint8()),
                ("weight", pa.float32()),
                ("is_owned", pa.bool_()),
            ]
        )
    ).append_column("window_name", pa.array(["test"] * 3))
    for straight, shuffled in zip(user_items(THREE), user_items(other), strict=True):
        dense = [
            part.toarray() if hasattr(part, "toarray") else part
            for part in (straight, shuffled)
        ]
        np.testing.assert_array_equal(*dense)


def test_index_may_be_large():
    items = user_items(replaced(product_index=[2**62, 7, 7]))
    assert items.products.tolist() == [7, 2**62]


@pytest.mark.parametrize(
    "table", [THREE.slice(0, 0), INTERACTIONS_SCHEMA.empty_table()]
)
def test_no_interactions_make_an_empty_matrix(table):
    items = user_items(table, pa.table({"customer_index": [3]}))
    assert items.weights.shape == items.owned.shape == (0, 0)
    assert len(items.asked) == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (replaced(weight=[1.0, 0.0, 1.0]), r"weight == 0\.0 \(customer_index 2, "),
        (
            replaced(weight=[1.0, -2.0, 1.0]),
            r"weight == -2\.0 .*must be finite and > 0",
        ),
        (replaced(weight=[1.0, 1.0, np.nan]), "weight == nan"),
        (replaced(weight=[np.inf, 1.0, 1.0]), "weight == inf"),
        (replaced(weight=[1.0, None, 1.0]), "weight has 1 nulls, must be 0"),
        (replaced(is_owned=[True, None, None]), "is_owned has 2 nulls"),
        (replaced(customer_index=[0, -1, 1]), r"customer_index == -1 .*must be >= 0"),
        (replaced(product_index=[3, 7, 3]), r"product_index == 3 .*must be unique"),
    ],
)
def test_bad_rows_are_named(table, message):
    with pytest.raises(ValueError, match=message):
        user_items(table)


def test_bad_targets_and_weighting_are_named():
    with pytest.raises(ValueError, match="customer_index has 1 nulls"):
        user_items(THREE, pa.table({"customer_index": [1, None]}))
    with pytest.raises(ValueError, match="weighting == 'square', must be one of log"):
        user_items(THREE, weighting="square")
