import numpy as np
import pytest
from scipy import integrate, stats

from mercato.lifetime import gamma_gamma

TRUE = np.array([6.0, 4.0, 15.0])


def draw(size, seed=0):
    rng = np.random.default_rng(seed)
    frequency = rng.integers(1, 8, size).astype(float)
    rate = rng.gamma(TRUE[1], 1 / TRUE[2], size)
    return frequency, rng.gamma(TRUE[0] * frequency, 1 / (rate * frequency))


@pytest.mark.parametrize(
    ("parameters", "x", "m", "likelihood"),
    [
        # 1 / 2^2, and 6 * 2^2 / 3^4.
        ((1, 1, 1), 1, 1, 1 / 4),
        ((1, 2, 1), 2, 1, 24 / 81),
    ],
)
def test_hand_computed_likelihoods(parameters, x, m, likelihood):
    found, _ = gamma_gamma.log_likelihood(
        np.array(parameters, float), np.array([x]), np.array([float(m)])
    )
    assert np.exp(found) == pytest.approx(likelihood, rel=1e-12)


def test_likelihood_and_value_are_the_integrals_that_define_them():
    p, q, v = TRUE
    x, m = 3, 22.0

    def likelihood(rate):
        amounts = stats.gamma(p * x, scale=1 / (rate * x))
        return amounts.pdf(m) * stats.gamma(q, scale=1 / v).pdf(rate)

    total, _ = integrate.quad(likelihood, 0, 5)
    mean, _ = integrate.quad(lambda rate: likelihood(rate) * p / rate, 0, 5)
    arguments = (TRUE, np.array([x]), np.array([m]))
    assert np.exp(gamma_gamma.log_likelihood(*arguments)[0]) == pytest.approx(total)
    [value] = gamma_gamma.expected_order_value(*arguments)
    assert value == pytest.approx(mean / total)


def test_gradient_is_the_slope():
    frequency, amount = draw(50)
    _, gradient = gamma_gamma.log_likelihood(TRUE * 1.1, frequency, amount)
    for place, step in enumerate(np.eye(3) * 1e-5):
        above, below = (
            gamma_gamma.log_likelihood(TRUE * 1.1 + way * step, frequency, amount)[0]
            for way in (1, -1)
        )
        assert gradient[place] == pytest.approx((above - below) / 2e-5, abs=1e-6)


def test_parameters_are_recovered():
    fit = gamma_gamma.fit(*draw(5000))
    assert fit.status == "ok"
    off = np.log(fit.parameters / TRUE) / np.sqrt(np.diag(fit.log_covariance))
    assert np.abs(off).max() < 3


def test_currency_scales_v_only():
    frequency, amount = draw(500)
    one = gamma_gamma.fit(frequency, amount)
    other = gamma_gamma.fit(frequency, amount * 1e6)
    np.testing.assert_allclose(
        other.parameters, one.parameters * [1, 1, 1e6], rtol=1e-6
    )
    shift = len(amount) * np.log(1e6)
    assert other.log_likelihood == pytest.approx(one.log_likelihood - shift)


def test_order_of_customers_does_not_matter():
    frequency, amount = draw(500)
    shuffled = np.random.default_rng(1).permutation(500)
    one = gamma_gamma.fit(frequency, amount)
    other = gamma_gamma.fit(frequency[shuffled], amount[shuffled])
    assert (one.parameters == other.parameters).all()


@pytest.mark.filterwarnings("error")
def test_what_cannot_be_fitted_says_why_and_gives_no_number():
    nobody = gamma_gamma.fit(np.array([]), np.array([]))
    assert nobody.status == "no repeat purchases"
    same = gamma_gamma.fit(np.full(30, 2.0), np.full(30, 9.0))
    assert same.status in {"at the boundary", "did not converge"}
    single = gamma_gamma.fit(np.array([2.0]), np.array([9.0]))
    assert single.status in {"at the boundary", "did not converge"}
    for fit in (nobody, same, single):
        assert np.isnan([*fit.parameters, *fit.standard_errors]).all()


def test_amounts_without_a_mean_are_not_forecast():
    rng = np.random.default_rng(2)
    rate = rng.gamma(0.6, 1.0, 3000)
    fit = gamma_gamma.fit(np.full(3000, 4.0), rng.gamma(8, 1 / (4 * rate)))
    assert fit.status == "no finite mean"
    assert np.isnan(fit.parameters).all()


@pytest.mark.parametrize("amount", [0.0, -5.0, np.nan, np.inf])
def test_amounts_that_are_none_are_refused(amount):
    with pytest.raises(ValueError, match=r"mean_amount == .*, must be > 0 and finite"):
        gamma_gamma.fit(np.array([1.0]), np.array([amount]))


def test_frequency_below_one_is_refused():
    with pytest.raises(ValueError, match=r"frequency == 0.0, must be >= 1."):
        gamma_gamma.fit(np.array([0.0]), np.array([5.0]))


def test_correlation_is_that_of_numpy_and_none_without_variation():
    frequency, amount = draw(100)
    found = gamma_gamma.frequency_value_correlation(frequency, amount)
    assert found == pytest.approx(np.corrcoef(frequency, amount)[0, 1])
    for same in (frequency[:1], np.full(3, 2.0)):
        value = amount[: len(same)]
        assert np.isnan(gamma_gamma.frequency_value_correlation(same, value))
