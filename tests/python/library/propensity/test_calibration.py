import numpy as np
import pytest
from scipy import optimize, special

from mercato.propensity.calibration import (
    IDENTITY,
    Calibration,
    fit_calibration,
    probabilities,
)

pytestmark = pytest.mark.filterwarnings("error")


def drawn(slope, intercept, count=3000, seed=3):
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(0, 2, count)
    chance = special.expit(slope * log_odds + intercept)
    return log_odds, (rng.random(count) < chance).astype(float)


def test_it_is_the_most_likely_one_of_scipy():
    log_odds, target = drawn(0.5, -1, count=300)

    def loss(place):
        chance = special.expit(place[0] * log_odds + place[1])
        likelihood = special.xlogy(target, chance) + special.xlogy(
            1 - target, 1 - chance
        )
        return ((place[0] - 1) ** 2 + place[1] ** 2) / 2 - likelihood.sum()

    expected = optimize.minimize(loss, [1, 0], method="Nelder-Mead", tol=1e-12).x
    np.testing.assert_allclose(fit_calibration(log_odds, target), expected, atol=1e-5)


def test_it_recovers_what_was_drawn():
    found = fit_calibration(*drawn(0.5, -1, count=50_000))
    assert found == pytest.approx(Calibration(0.5, -1), abs=0.05)


def test_it_turns_no_order_around():
    found = fit_calibration(*drawn(-0.5, -1))
    assert found.slope == 0
    _, target = drawn(-0.5, -1)
    assert probabilities(np.zeros(1), found)[0] == pytest.approx(
        target.mean(), abs=0.001
    )


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_one_class_and_separated_classes_stay_finite(target):
    found = fit_calibration(np.linspace(-30, 30, 50), np.full(50, target))
    assert np.isfinite(found).all()
    found = fit_calibration(
        np.linspace(-30, 30, 50), (np.arange(50) >= 25).astype(float)
    )
    assert np.isfinite(found).all()
    assert found.slope > 0


def test_nothing_to_learn_from_changes_nothing():
    assert fit_calibration(np.empty(0), np.empty(0)) == IDENTITY


def test_the_order_of_rows_does_not_matter():
    log_odds, target = drawn(0.7, 0.2, count=100)
    turned = fit_calibration(log_odds[::-1], target[::-1])
    assert fit_calibration(log_odds, target) == pytest.approx(turned, abs=1e-12)
