import numpy as np
import pyarrow as pa
import pytest

from mercato.propensity.examples import read_examples
from mercato.propensity.folds import METHODS
from mercato.propensity.models import fit_model
from mercato.propensity.serving import (
    PROPENSITIES_SCHEMA,
    propensities,
    served_models,
)

pytestmark = pytest.mark.filterwarnings("error")
TREE = "decision_tree"


def serve(made, methods=METHODS, block_rows=1000, **settings):
    """Do what the Python model does."""
    served = served_models(methods, *made.tables(), **settings)
    if served is None:
        return PROPENSITIES_SCHEMA.empty_table()
    blocks = made.blocks(served.snapshot, block_rows)
    return pa.concat_tables([propensities(served.models, block) for block in blocks])


def test_every_customer_gets_a_probability_by_what_won(shop):
    made = shop(4, 80)
    found = serve(made, ["naive_bayes"])
    assert found.schema == PROPENSITIES_SCHEMA
    assert set(found["method"].to_pylist()) == {"naive_bayes"}
    assert set(found["snapshot_date"].to_pylist()) == {made.dates[-1]}
    customers = found["customer_id"].to_pylist()
    assert customers == sorted({*made.features["customer_id"].to_pylist()})


def test_what_is_served_is_the_model_of_all_that_is_over(shop):
    """The last closed snapshot calibrates, those before it teach."""
    made = shop(4, 80)
    examples = read_examples(made.features)
    dates = np.array(made.dates, "datetime64[D]")
    learning, calibrating = examples.at(*dates[:-2]), examples.at(dates[-2])
    asked = examples.at(dates[-1]).by_customer()
    model, _ = fit_model(
        TREE,
        (learning.features, learning.target),
        (calibrating.features, calibrating.target),
    )
    found = serve(made, [TREE])
    np.testing.assert_array_equal(
        found["purchase_probability"], model.predict(asked.features)
    )
    contributions = model.contributions(asked.features)
    largest = np.take_along_axis(
        contributions, np.abs(contributions).argmax(axis=1)[:, None], axis=1
    )[:, 0]
    is_moved = found["contribution_1"].is_valid().to_numpy(zero_copy_only=False)
    np.testing.assert_allclose(
        found["contribution_1"].to_numpy()[is_moved], largest[is_moved], atol=1e-9
    )
    assert np.abs(largest[~is_moved]).max(initial=0) < 1e-9


def test_the_largest_reason_comes_first(shop):
    served = serve(shop(4, 80)).to_pandas()
    sizes = served[[f"contribution_{rank}" for rank in (1, 2, 3)]].abs().fillna(0)
    assert (sizes.to_numpy()[:, :-1] >= sizes.to_numpy()[:, 1:]).all()
    assert (served["feature_name_1"] == "recency_days").mean() > 0.3
    names = served[[f"feature_name_{rank}" for rank in (1, 2, 3)]]
    assert not (names == "constant").any(axis=None)


@pytest.mark.parametrize("block_rows", [1, 7, 80])
@pytest.mark.parametrize("method", METHODS)
def test_the_size_of_blocks_does_not_matter(shop, method, block_rows):
    made = shop(3, 80)
    whole = serve(made, [method])
    assert serve(made, [method], block_rows).combine_chunks().equals(whole)


def test_the_order_of_rows_does_not_matter(shop):
    made = shop(4, 50)
    before = serve(made)
    order = np.random.default_rng(0).permutation(len(made.features))
    made.features = made.features.take(order)
    assert serve(made).equals(before)


@pytest.mark.parametrize(("closed_count", "row_count"), [(0, 0), (1, 60), (2, 60)])
def test_few_snapshots(shop, closed_count, row_count):
    assert len(serve(shop(closed_count, 60), [TREE])) == row_count


@pytest.mark.parametrize(
    ("columns", "value"),
    [(["has_purchased"], False), (["recency_days", "net_amount", "visit_count"], 1.0)],
)
def test_who_cannot_be_fitted_is_not_there(shop, columns, value):
    made = shop(4, 120)
    made.fill(columns, value)
    assert serve(made).equals(PROPENSITIES_SCHEMA.empty_table())


def test_nobody_is_asked_where_a_rule_is_served(shop):
    assert served_models([], *shop(3, 20).tables()) is None


def test_nobody_to_ask_gives_no_rows(shop):
    made = shop(4, 80)
    served = served_models(METHODS, *made.tables())
    found = propensities(served.models, made.features.slice(0, 0))
    assert found.equals(PROPENSITIES_SCHEMA.empty_table())


def test_nothing_gives_nothing(shop):
    made = shop(2, 5)
    tables = [table.slice(0, 0) for table in made.tables()]
    assert served_models(METHODS, *tables) is None


def test_at_least_one_row_is_learned_from(shop):
    with pytest.raises(ValueError, match=r"max_fit_rows == 0, must be >= 1\."):
        serve(shop(2, 5), max_fit_rows=0)
