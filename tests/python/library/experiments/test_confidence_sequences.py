import numpy as np
import pytest
from scipy import optimize

from mercato.experiments.confidence_sequences import always_valid_p_value, reach


def test_reach_by_hand():
    # r^2 = (5.991465 + ln 6.991465) / 100 = 0.0793615; n = 50: n r^2 = 3.968...
    spread = (-2 * np.log(0.05) + np.log(1 - 2 * np.log(0.05))) / 100
    information = 50 * spread
    expected = np.sqrt(
        2 * (information + 1) / information * np.log(np.sqrt(information + 1) / 0.05)
    )
    assert reach(np.array([50.0]), np.array([0.05]), 100) == pytest.approx(expected)


def test_reach_is_narrowest_around_the_tuning_number():
    def width(tuning_n):
        return reach(np.array([3000.0]), np.array([0.05]), tuning_n)[0]

    best = optimize.minimize_scalar(width, bounds=(100, 50_000), method="bounded").x
    assert width(3000) == pytest.approx(width(best), rel=0.01)


def test_p_value_inverts_the_sequence():
    statistic, units = np.array([3.7]), np.array([2000.0])
    alpha = np.array([0.05])
    p_value = always_valid_p_value(statistic, units, alpha, 5000)
    spread = -2 * np.log(0.05) + np.log(1 - 2 * np.log(0.05))
    information = 2000 * spread / 5000
    expected = optimize.brentq(
        lambda p: (
            2 * (1 + 1 / information) * np.log(np.sqrt(information + 1) / p)
            - statistic[0] ** 2
        ),
        1e-12,
        10,
    )
    assert p_value == pytest.approx(expected)
    edge = reach(units, alpha, 5000)
    assert always_valid_p_value(edge, units, alpha, 5000) == pytest.approx(0.05)
    assert always_valid_p_value(np.zeros(1), units, alpha, 5000) == 1
