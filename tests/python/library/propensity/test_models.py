import numpy as np
import pytest
from scipy import optimize, special
from sklearn.metrics import roc_auc_score

from mercato.propensity import classifiers
from mercato.propensity.classifiers import CLASSIFIERS
from mercato.propensity.models import fit_model
from mercato.propensity.scaling import design_of, moments_of, standardised

pytestmark = pytest.mark.filterwarnings("error")
LINEAR = ("logistic_regression", "support_vector_machine")


def drawn(count=600, seed=5):
    """Two features that matter, one of them missing at times, and one that does not."""
    rng = np.random.default_rng(seed)
    features = np.column_stack(
        [
            rng.integers(0, 100, count),
            rng.lognormal(3, 1, count),
            rng.normal(size=count),
        ]
    ).astype(float)
    score = 2 - np.log1p(features[:, 0]) + 0.5 * np.log(features[:, 1])
    target = (rng.random(count) < special.expit(score)).astype(float)
    features[rng.random(count) < 0.2, 1] = np.nan
    return features, target


@pytest.fixture(params=sorted(CLASSIFIERS))
def method(request):
    return request.param


def test_it_finds_who_buys(method):
    model, status = fit_model(method, drawn(), drawn(300, seed=6))
    assert status == "ok"
    features, target = drawn(2000, seed=7)
    found = model.predict(features)
    assert ((found > 0) & (found < 1)).all()
    assert roc_auc_score(target, found) > 0.65
    assert found.mean() == pytest.approx(target.mean(), abs=0.06)


def test_equal_input_gives_equal_numbers(method):
    first, second = (fit_model(method, drawn(), drawn(300))[0] for _ in range(2))
    features, _ = drawn(50, seed=8)
    np.testing.assert_array_equal(first.predict(features), second.predict(features))


def test_units_do_not_matter_to_logarithms_of_large_numbers(method):
    """A currency of a thousandth: only what log1p makes of small amounts differs."""
    features, target = drawn()
    features[:, 1] *= 1e4
    dearer = features * [1, 1e3, 1]
    [one, other] = [
        fit_model(method, (x, target), (x, target))[0].predict(x)
        for x in (features, dearer)
    ]
    assert np.corrcoef(one, other)[0, 1] > 0.98


@pytest.mark.parametrize("linear", [*LINEAR, "naive_bayes", "gradient_boosting"])
def test_the_order_of_rows_does_not_matter(linear):
    features, target = drawn()
    order = np.random.default_rng(0).permutation(len(target))
    turned = features[order], target[order]
    asked, _ = drawn(50, seed=8)
    [one, other] = [
        fit_model(linear, rows, drawn(300, seed=6))[0].predict(asked)
        for rows in ((features, target), turned)
    ]
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_logistic_regression_is_the_most_likely_one_of_scipy():
    features, target = drawn(300)
    design = standardised(design_of(features), moments_of(design_of(features)))

    def loss(place):
        score = design @ place[:-1] + place[-1]
        return (
            np.logaddexp(0, score).sum() - target @ score + (place[:-1] ** 2).sum() / 2
        )

    expected = optimize.minimize(loss, np.zeros(7), tol=1e-10).x
    found = classifiers.logistic_regression(design, target, 0)
    np.testing.assert_allclose(found.coefficients, expected[:-1], atol=1e-3)


@pytest.mark.parametrize("linear", LINEAR)
def test_contributions_of_linear_models_are_coefficient_times_distance(linear):
    model, _ = fit_model(linear, drawn(), drawn(300))
    features, _ = drawn(20, seed=9)
    design = standardised(design_of(features), model.moments)
    values, misses = model.coefficients()
    expected = design[:, :3] * values + design[:, 3:] * misses
    found = model.contributions(features)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    log_odds = special.logit(model.predict(features))
    constant = log_odds - found.sum(axis=1)
    np.testing.assert_allclose(constant, constant[0], atol=1e-6)


def test_contributions_compare_with_a_feature_at_its_average(method):
    model, _ = fit_model(method, drawn(), drawn(300))
    features, _ = drawn(20, seed=9)
    replaced = features.copy()
    replaced[:, 0] = np.expm1(model.moments.means[0])
    expected = special.logit(model.predict(features)) - special.logit(
        model.predict(replaced)
    )
    found = model.contributions(features)[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("features", "target", "reason"),
    [
        (np.empty((0, 2)), np.empty(0), "no examples"),
        (np.eye(30), np.zeros(30), "one class only"),
        (np.eye(30), np.ones(30), "one class only"),
        (np.eye(30), (np.arange(30) < 3) * 1.0, "too few of a class"),
        (np.ones((40, 2)), (np.arange(40) < 20) * 1.0, "no feature varies"),
    ],
)
def test_what_cannot_be_learned_says_why(method, features, target, reason):
    assert fit_model(method, (features, target), (features, target)) == (None, reason)


def test_a_calibrating_snapshot_may_be_empty_or_of_one_class(method):
    for calibrating in ((np.empty((0, 3)), np.empty(0)), (drawn(20)[0], np.zeros(20))):
        model, status = fit_model(method, drawn(), calibrating)
        assert status == "ok"
        assert np.isfinite(model.predict(drawn(20)[0])).all()


def test_nobody_asked_is_nobody_answered(method):
    model, _ = fit_model(method, drawn(), drawn(100))
    assert model.predict(np.empty((0, 3))).shape == (0,)
    assert model.contributions(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("linear", LINEAR)
def test_what_did_not_converge_says_so(monkeypatch, linear):
    monkeypatch.setattr(classifiers, "_MAX_ITERATIONS", 1)
    assert fit_model(linear, drawn(), drawn(100)) == (None, "did not converge")


def test_methods_are_those_that_are_known():
    with pytest.raises(ValueError, match=r"method == 'oracle', must be one of"):
        fit_model("oracle", drawn(), drawn())
