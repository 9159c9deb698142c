"""Similarities that Spark computes where their input is too large for one process."""

import numpy as np
import pyarrow as pa
import pytest

from mercato import engine
from mercato.similar_interests import similar_interests

PARAMETERS = {
    "top_k": 5,
    "shrinkage": {"cosine": 0, "euclidean": 5, "pearson": 5},
    "above": 0,
}


@pytest.fixture
def interactions(spark):
    """Give what 60 customers did with 25 products, before and after a window."""
    rng = np.random.default_rng(1)
    customers, products = np.nonzero(rng.random((60, 25)) < np.linspace(0.1, 0.6, 25))
    rows = {
        "customer_index": customers,
        "product_index": products,
        "weight": rng.integers(1, 9, len(customers)) / 2,
    }
    windows = [
        pa.table({"window_name": [name] * len(customers)} | rows)
        for name in ("serving", "test")
    ]
    return spark.createDataFrame(pa.concat_tables(windows))


@pytest.mark.parametrize("caps", [{}, {"max_pairs": 9000, "max_counted_pairs": 4000}])
@pytest.mark.parametrize("entity", ["customer", "product"])
def test_large_input_gives_the_rows_of_small_input(
    spark, interactions, at_most, entity, caps
):
    attribute = "product" if entity == "customer" else "customer"
    arguments = (spark, interactions, entity, attribute)
    expected = similar_interests(*arguments, **PARAMETERS | caps)
    is_capped = ["_capped_at_" in method for method in expected["method"].to_pylist()]
    assert any(is_capped) == bool(caps)
    with at_most(50):
        found = similar_interests(*arguments, **PARAMETERS | caps)
    keys = [
        (name, "ascending") for name in ("metric", f"{entity}_index", "similarity_rank")
    ]
    found = engine.to_arrow(found).sort_by(keys)
    assert found.schema.types == expected.schema.types
    # Spark knows which columns have no nulls.
    found = found.cast(expected.schema)
    scores = ["similarity_score", "unshrunk_score"]
    assert found.drop_columns(scores).equals(expected.drop_columns(scores))
    for name in scores:
        difference = found[name].to_numpy() - expected[name].to_numpy()
        assert np.abs(difference).max() < 1.5e-8
