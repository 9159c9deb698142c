import numpy as np
import pyarrow.compute as pc
import pytest
from sklearn.metrics import roc_auc_score

from mercato.propensity.folds import METHODS
from mercato.propensity.judging import PREDICTIONS_SCHEMA, judged_propensities

pytestmark = pytest.mark.filterwarnings("error")


def test_every_customer_gets_a_probability_by_every_method(shop):
    made = shop(6, 200)
    found = judged_propensities(*made.tables())
    assert found.schema == PREDICTIONS_SCHEMA
    assert len(found) == 3 * 200 * len(METHODS)
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


def test_the_order_of_rows_does_not_matter(shop):
    features, calendar, states = shop(4, 50).tables()
    order = np.random.default_rng(0).permutation(len(features))
    turned = features.take(order), calendar.take([4, 0, 2, 1, 3]), states
    assert judged_propensities(*turned).equals(
        judged_propensities(features, calendar, states)
    )


def test_later_snapshots_change_nothing(shop):
    made = shop(6, 50)
    whole = judged_propensities(*made.tables())
    date = made.dates[4]
    until = [
        table.filter(pc.less_equal(table["snapshot_date"], date))
        for table in made.tables()
    ]
    part = judged_propensities(*until)
    kept = whole.filter(pc.less_equal(whole["snapshot_date"], date))
    assert part.equals(kept)


@pytest.mark.parametrize(("closed_count", "reason"), [(1, "no examples"), (2, "ok")])
def test_the_first_snapshot_has_nothing_to_learn_from(shop, closed_count, reason):
    made = shop(closed_count, 60)
    found = judged_propensities(*made.tables()).to_pandas()
    last = found[found["snapshot_date"] == made.dates[closed_count - 1]]
    assert len(last) == 60 * len(METHODS)
    assert set(last["status"]) == {reason}
    assert last["purchase_probability"].notna().all() == (reason == "ok")


@pytest.mark.parametrize(
    ("columns", "value", "reason"),
    [
        (["has_purchased"], False, "one class only"),
        (["has_purchased"], True, "one class only"),
        (["recency_days", "net_amount", "visit_count"], 1.0, "no feature varies"),
    ],
)
def test_equal_customers(shop, columns, value, reason):
    made = shop(4, 120)
    made.fill(columns, value)
    found = judged_propensities(*made.tables()).to_pandas()
    learned = found[found["snapshot_date"] > made.dates[1]]
    assert set(learned["status"]) == {reason}
    assert found["purchase_probability"].isna().all()


def test_nothing_gives_nothing(shop):
    tables = [table.slice(0, 0) for table in shop(2, 5).tables()]
    assert judged_propensities(*tables).equals(PREDICTIONS_SCHEMA.empty_table())


def test_at_least_one_row_is_learned_from(shop):
    with pytest.raises(ValueError, match=r"max_fit_rows == 0, must be >= 1\."):
        judged_propensities(*shop(2, 5).tables(), max_fit_rows=0)
