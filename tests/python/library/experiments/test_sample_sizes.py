import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from mercato.experiments.sample_sizes import detectable_effect, units_per_variant

LEVELS = [
    {"confidence_level": 0.95, "power": 0.8},
    {"confidence_level": 0.99, "power": 0.9},
]


def test_published_proportion():
    assert units_per_variant(0.1, 0.3, 0.2, True) == 3835


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("change", [-0.3, 0.01, 0.5])
@pytest.mark.parametrize("rate", [0.001, 0.1, 0.6])
def test_proportions_agree_with_statsmodels(rate, change, levels):
    size = proportion_effectsize(rate * (1 + change), rate)
    expected = NormalIndPower().solve_power(
        abs(size), alpha=1 - levels["confidence_level"], power=levels["power"]
    )
    units = units_per_variant(rate, 0.3, change, True, **levels)
    # statsmodels also counts effects found with the wrong sign.
    assert units == pytest.approx(np.ceil(expected), rel=1e-5)


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize(("value", "deviation"), [(10.0, 3.0), (0.5, 40.0)])
def test_means_agree_with_statsmodels(value, deviation, levels):
    expected = NormalIndPower().solve_power(
        0.05 * value / deviation,
        alpha=1 - levels["confidence_level"],
        power=levels["power"],
    )
    units = units_per_variant(value, deviation, 0.05, False, **levels)
    # statsmodels also counts effects found with the wrong sign.
    assert units == pytest.approx(np.ceil(expected), rel=1e-5)


@pytest.mark.parametrize("is_proportion", [True, False])
def test_detectable_effect_is_the_inverse(is_proportion):
    effects = np.array([0.01, 0.1, 0.4])
    for reduction in (0.0, 0.6):
        units = units_per_variant(
            0.2, 0.4, effects, is_proportion, variance_reduction=reduction
        )
        found = detectable_effect(
            0.2, 0.4, units, is_proportion, variance_reduction=reduction
        )
        assert found == pytest.approx(effects, rel=0.02)
        assert (found <= effects).all()


def test_covariates_and_scale():
    plain = units_per_variant(3.0, 2.0, 0.01, False)
    assert units_per_variant(30.0, 20.0, 0.01, False) == plain
    less = units_per_variant(3.0, 2.0, 0.01, False, variance_reduction=0.75)
    assert less == pytest.approx(plain / 4, abs=1)
    assert units_per_variant(3.0, 2.0, -0.01, False) == plain


@pytest.mark.filterwarnings("error")
def test_what_is_undefined():
    assert np.isnan(units_per_variant(np.array([0, -1, np.nan]), 1.0, 0.1, False)).all()
    assert np.isnan(units_per_variant(0.6, 0.5, np.array([0.7, -2.0]), True)).all()
    assert np.isnan(units_per_variant(1.0, np.array([0.0, np.nan]), 0.1, False)).all()
    assert np.isnan(units_per_variant(1.0, 1.0, np.array([0.0, 1e-9]), False)).all()
    assert np.isnan(detectable_effect(0.0, 1.0, 100, False))
    assert np.isnan(detectable_effect(1.0, 1.0, np.array([0, 1]), False)).all()
    assert np.isnan(detectable_effect(0.9, 0.3, 10, True))
    # A huge effect still takes a variance to be estimated.
    assert units_per_variant(1.0, 0.01, 1.0, False) == 2


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"power == 1.0, must be > 0 and < 1"):
        units_per_variant(0.1, 0.3, 0.2, True, power=1.0)
    with pytest.raises(ValueError, match=r"confidence_level == 0, must be > 0 and < 1"):
        detectable_effect(0.1, 0.3, 10, True, confidence_level=0)


def test_power_of_simulated_experiments():
    # 10 % and 12 % with the units of the plan: 80 % are found by the z test.
    rng = np.random.default_rng(1)
    runs, units = 20_000, 3835
    rates = rng.binomial(units, [[0.1], [0.12]], (2, runs)) / units
    error = np.sqrt((rates * (1 - rates)).sum(axis=0) / units)
    found = (np.abs(rates[1] - rates[0]) / error > 1.959964).mean()
    assert found == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / runs))
