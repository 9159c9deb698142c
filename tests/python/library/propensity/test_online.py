import datetime

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import roc_auc_score

from mercato.propensity.examples import Examples, read_examples
from mercato.propensity.online import (
    STATES_SCHEMA,
    Settings,
    descend,
    first_state,
    learn,
    learn_snapshots,
    state_at,
)

pytestmark = pytest.mark.filterwarnings("error")


def reader(shop, read):
    """Tell from which dates on a build reads."""

    def read_since(date):
        read.append(date)
        later = [value >= date for value in shop.features["snapshot_date"].to_pylist()]
        return read_examples(shop.features.filter(pa.array(later)))

    return read_since


def test_steps_of_one_row_are_those_of_scikit_learn():
    rng = np.random.default_rng(2)
    design, target = rng.normal(size=(60, 3)), rng.integers(0, 2, 60).astype(float)
    reference = SGDClassifier(
        loss="log_loss",
        alpha=0.01,
        learning_rate="invscaling",
        eta0=0.2,
        power_t=0.4,
        shuffle=False,
        max_iter=1,
        tol=None,
    ).fit(design, target)
    settings = Settings(rate=0.2, decay=0.4, penalty=0.01, batch_size=1)
    coefficients, intercept, steps = descend(
        design, target, (np.zeros(3), 0.0, 0), settings
    )
    np.testing.assert_allclose(coefficients, reference.coef_[0], atol=1e-9)
    assert intercept == pytest.approx(reference.intercept_[0], abs=1e-9)
    assert steps == 60


def test_one_step_by_hand():
    """From nothing every chance is a half: a step is rate x mean surprise."""
    coefficients, intercept, steps = descend(
        np.array([[2.0], [0.0]]),
        np.array([1.0, 1.0]),
        (np.zeros(1), 0.0, 0),
        Settings(rate=0.1, penalty=0.5, batch_size=2),
    )
    assert (coefficients.tolist(), intercept, steps) == ([0.05], 0.05, 1)


def test_it_finds_who_buys(shop):
    made = shop(8, 400)
    examples = read_examples(made.features)
    state = state_at(made.states, np.array(made.dates[:7], "datetime64[D]"))
    asked = examples.at(np.datetime64(made.dates[7]))
    found = state.model().predict(asked.features)
    assert roc_auc_score(asked.target, found) > 0.7
    assert found.mean() == pytest.approx(asked.target.mean(), abs=0.1)


def test_what_is_learned_bit_by_bit_is_what_is_learned_at_once(shop):
    made, kept, read = shop(6, 50), None, []
    for count in (1, 2, 5, 5, 6):
        kept = learn_snapshots(
            made.fingerprints.slice(0, count), "code", kept, reader(made, read)
        )
    assert kept.equals(made.states)
    assert read == [made.dates[0], made.dates[1], made.dates[2], made.dates[5]]


def test_a_changed_snapshot_is_learned_again_with_all_after_it(shop):
    made, read = shop(5, 50), []
    changed = made.fingerprints.to_pylist()
    changed[3]["fingerprint"] = "late orders"
    fingerprints = pa.Table.from_pylist(changed, made.fingerprints.schema)
    found = learn_snapshots(fingerprints, "code", made.states, reader(made, read))
    assert read == [made.dates[3]]
    assert found.slice(0, 3).equals(made.states.slice(0, 3))
    chain = "chain_fingerprint"
    assert found.drop_columns(chain).equals(made.states.drop_columns(chain))
    assert set(found[chain].to_pylist()) - set(made.states[chain].to_pylist())


@pytest.mark.parametrize(
    ("code", "settings"), [("other", None), ("code", Settings(rate=0.5))]
)
def test_other_code_and_settings_keep_nothing(shop, code, settings):
    made, read = shop(3, 50), []
    arguments = (made.fingerprints, code, made.states, reader(made, read), settings)
    learn_snapshots(*arguments)
    assert read == [made.dates[0]]


def test_states_of_another_shape_are_not_kept(shop):
    made, read = shop(3, 50), []
    kept = made.states.drop_columns("step_count")
    found = learn_snapshots(made.fingerprints, "code", kept, reader(made, read))
    assert found.equals(made.states)


def test_the_order_of_rows_does_not_matter(shop):
    made = shop(3, 50)
    order = np.random.default_rng(0).permutation(len(made.features))
    before = made.states
    made.features = made.features.take(order)
    assert made.states.equals(before)


def test_no_snapshots_have_no_states():
    none = pa.table({"snapshot_date": [], "fingerprint": []})
    assert learn_snapshots(none, "code", None, None).equals(STATES_SCHEMA.empty_table())
    assert state_at(STATES_SCHEMA.empty_table(), np.array([], "datetime64[D]")) is None


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (np.empty(0), "no examples"),
        (np.zeros(30), "one class only"),
        ((np.arange(30) < 3) * 1.0, "too few of a class"),
        ((np.arange(30) < 15) * 1.0, "ok"),
    ],
)
def test_a_state_says_whether_it_may_be_asked(target, reason):
    date = np.datetime64(datetime.date(2024, 1, 4))
    features = np.arange(len(target), dtype=float)[:, None]
    examples = Examples(
        ("x",), features, target, np.full(len(target), date), target.astype(str)
    )
    state = learn(first_state(1), examples, Settings())
    assert state.status() == reason
    assert np.isfinite(state.coefficients).all()
