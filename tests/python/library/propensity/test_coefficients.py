import numpy as np
import pytest

from mercato.propensity.coefficients import (
    COEFFICIENTS_SCHEMA,
    importances,
    propensity_coefficients,
)
from mercato.propensity.examples import read_examples
from mercato.propensity.models import fit_model

pytestmark = pytest.mark.filterwarnings("error")


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


def test_the_order_of_rows_does_not_matter(shop):
    features, calendar, states = shop(4, 50).tables()
    order = np.random.default_rng(0).permutation(len(features))
    turned = features.take(order), calendar.take([4, 0, 2, 1, 3]), states
    assert propensity_coefficients(*turned).equals(
        propensity_coefficients(features, calendar, states)
    )


@pytest.mark.parametrize(
    ("closed_count", "reason"), [(0, "no examples"), (1, "ok"), (2, "ok")]
)
def test_few_snapshots(shop, closed_count, reason):
    found = propensity_coefficients(*shop(closed_count, 60).tables())
    assert set(found["status"].to_pylist()) == {reason}


@pytest.mark.parametrize(
    ("columns", "value", "reason"),
    [
        (["has_purchased"], False, "one class only"),
        (["recency_days", "net_amount", "visit_count"], 1.0, "no feature varies"),
    ],
)
def test_equal_customers(shop, columns, value, reason):
    made = shop(4, 120)
    made.fill(columns, value)
    found = propensity_coefficients(*made.tables())
    assert set(found["status"].to_pylist()) == {reason}
    assert found["importance"].null_count == len(found)


def test_nothing_gives_nothing(shop):
    tables = [table.slice(0, 0) for table in shop(2, 5).tables()]
    assert propensity_coefficients(*tables).equals(COEFFICIENTS_SCHEMA.empty_table())
