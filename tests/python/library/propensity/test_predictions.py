import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sklearn.metrics import roc_auc_score

from mercato.propensity.coefficients import (
    COEFFICIENTS_SCHEMA,
    importances,
    propensity_coefficients,
)
from mercato.propensity.examples import read_examples
from mercato.propensity.folds import METHODS
from mercato.propensity.models import fit_model
from mercato.propensity.predictions import PROPENSITIES_SCHEMA, customer_propensities

pytestmark = pytest.mark.filterwarnings("error")


def test_every_customer_gets_a_probability_by_every_method(shop):
    made = shop(6, 200)
    found = customer_propensities(*made.tables())
    assert found.schema == PROPENSITIES_SCHEMA
    assert len(found) == 4 * 200 * len(METHODS)
    assert set(found["status"].to_pylist()) == {"ok"}
    keys = [("snapshot_date", "ascending"), ("method", "ascending")]
    assert found.equals(found.sort_by([*keys, ("customer_id", "ascending")]))
    asked = found.filter(pc.equal(found["snapshot_date"], made.dates[5]))
    truth = made.features.filter(
        pc.equal(made.features["snapshot_date"], made.dates[5])
    )["has_purchased"].to_pylist()
    for method in METHODS:
        of_method = asked.filter(pc.equal(asked["method"], method))
        assert roc_auc_score(truth, of_method["purchase_probability"]) > 0.6


def test_reasons_are_of_what_is_served_and_the_largest_comes_first(shop):
    made = shop(4, 80)
    found = customer_propensities(*made.tables())
    is_served = pc.equal(found["snapshot_date"], made.dates[-1])
    earlier = found.filter(pc.invert(is_served))
    assert earlier["feature_name_1"].null_count == len(earlier)
    served = found.filter(is_served).to_pandas()
    sizes = served[[f"contribution_{rank}" for rank in (1, 2, 3)]].abs().fillna(0)
    assert (sizes.to_numpy()[:, :-1] >= sizes.to_numpy()[:, 1:]).all()
    assert (served["feature_name_1"] == "recency_days").mean() > 0.3
    assert not (served[["feature_name_1", "feature_name_2"]] == "constant").any(
        axis=None
    )


def test_the_order_of_rows_does_not_matter(shop):
    features, calendar, states = shop(4, 50).tables()
    order = np.random.default_rng(0).permutation(len(features))
    turned = features.take(order), calendar.take([4, 0, 2, 1, 3]), states
    assert customer_propensities(*turned).equals(
        customer_propensities(features, calendar, states)
    )
    assert propensity_coefficients(*turned).equals(
        propensity_coefficients(features, calendar, states)
    )


def test_later_snapshots_change_nothing(shop):
    made = shop(6, 50)
    whole = customer_propensities(*made.tables())
    date = made.dates[4]
    until = [
        table.filter(pc.less_equal(table["snapshot_date"], date))
        for table in made.tables()
    ]
    part = customer_propensities(*until)
    kept = whole.filter(pc.less_equal(whole["snapshot_date"], date))
    assert part.equals(kept)


@pytest.mark.parametrize("closed_count", [0, 1, 2])
def test_few_snapshots(shop, closed_count):
    made = shop(closed_count, 60)
    found = customer_propensities(*made.tables()).to_pandas()
    served = found[found["snapshot_date"] == made.dates[-1]]
    assert len(served) == 60 * len(METHODS)
    reasons = {"ok"} if closed_count else {"no examples"}
    assert set(served["status"]) == reasons
    assert served["purchase_probability"].notna().all() == (closed_count > 0)
    coefficients = propensity_coefficients(*made.tables())
    assert set(coefficients["status"].to_pylist()) == reasons


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("has_purchased", pa.scalar(False), "one class only"),
        ("has_purchased", pa.scalar(True), "one class only"),
        (None, pa.scalar(1.0), "no feature varies"),
    ],
)
def test_equal_customers(shop, name, values, reason):
    made = shop(4, 120)
    columns = [name] if name else ["recency_days", "net_amount", "visit_count"]
    for column in columns:
        place = made.features.column_names.index(column)
        same = pa.repeat(values, len(made.features))
        made.features = made.features.set_column(place, column, same)
    found = customer_propensities(*made.tables())
    assert set(found["status"].to_pylist()) == {reason}
    assert found["purchase_probability"].null_count == len(found)
    assert set(propensity_coefficients(*made.tables())["status"].to_pylist()) == {
        reason
    }


def test_nothing_gives_nothing(shop):
    tables = [table.slice(0, 0) for table in shop(2, 5).tables()]
    assert customer_propensities(*tables).equals(PROPENSITIES_SCHEMA.empty_table())
    assert propensity_coefficients(*tables).equals(COEFFICIENTS_SCHEMA.empty_table())


def test_at_least_one_row_is_learned_from(shop):
    with pytest.raises(ValueError, match=r"max_fit_rows == 0, must be >= 1\."):
        customer_propensities(*shop(2, 5).tables(), max_fit_rows=0)


def test_what_matters_is_important(shop):
    made = shop(5, 200)
    found = propensity_coefficients(*made.tables()).to_pandas()
    first = found.sort_values("importance").groupby("method")["feature_name"].last()
    assert (first == "recency_days").all()
    is_linear = found["method"].str.contains("logistic|vector")
    assert (found["coefficient"].notna() == is_linear).all()
    recency = found[is_linear & (found["feature_name"] == "recency_days")]
    assert (recency["coefficient"] < 0).all()
    constant = found[found["feature_name"] == "constant"]
    assert (constant["importance"] == 0).all()


def test_importance_is_what_shuffling_costs(shop):
    examples = read_examples(shop(2, 100).features)
    closed = examples.take(~np.isnan(examples.target))
    rows = closed.features, closed.target
    model, _ = fit_model("logistic_regression", rows, rows)

    def log_loss(features):
        chance = model.predict(features)
        right = np.where(closed.target == 1, chance, 1 - chance)
        return -np.log(right).mean()

    rng, costs = np.random.default_rng(3), []
    for _ in range(5):
        shuffled = closed.features.copy()
        shuffled[:, 0] = shuffled[rng.permutation(len(shuffled)), 0]
        costs.append(log_loss(shuffled) - log_loss(closed.features))
    assert importances(model, closed, 3)[0] == pytest.approx(np.mean(costs))
