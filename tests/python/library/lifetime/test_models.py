"""What holds for both models of when customers buy."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from mercato.lifetime import bg_nbd, pareto_nbd
from mercato.lifetime.histories import histories

MODELS = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}
TRUE = {
    "bg_nbd": np.array([0.8, 6.0, 0.7, 2.5]),
    "pareto_nbd": np.array([0.8, 6.0, 0.9, 15.0]),
}
# x, t and age of a few histories: nobody came back, just now, long ago, often.
HISTORIES = [(0, 0.0, 20.0), (1, 3.0, 3.0), (2, 5.0, 40.0), (9, 30.0, 33.0)]

methods = pytest.mark.parametrize("method", MODELS)


def of_history(x, t, age):
    return histories([x], [t], [age])


@pytest.mark.parametrize(
    ("method", "history", "likelihood", "alive"),
    [
        # All parameters 1: 1 / (1 + age), and 1/2 (1/4^2 + 1/2^2).
        ("bg_nbd", (0, 0, 1), 1 / 2, 1),
        ("bg_nbd", (1, 1, 3), 5 / 32, 1 / 5),
        # 1/2^2 + (1 - 1/2^2) / 2, and 1/4^3 + (1/2^3 - 1/4^3) / 3.
        ("pareto_nbd", (0, 0, 1), 5 / 8, 2 / 5),
        ("pareto_nbd", (1, 1, 3), 5 / 96, 3 / 10),
    ],
)
def test_hand_computed_likelihoods(method, history, likelihood, alive):
    ones = np.ones(4)
    found, _ = MODELS[method].log_likelihood(ones, of_history(*history))
    assert np.exp(found) == pytest.approx(likelihood, rel=1e-12)
    [probability] = MODELS[method].probability_alive(ones, of_history(*history))
    assert probability == pytest.approx(alive, rel=1e-12)


def integrals(method, parameters, history, weeks):
    """Likelihood, its part of being alive, and expected orders times that part.

    Gaussian sums over what differs between customers, from the definitions.
    """
    (r, alpha, *others), (x, t, age) = parameters, history
    rate, rate_weight = special.roots_genlaguerre(80, r - 1)
    rate = rate[:, None] / alpha
    if method == "bg_nbd":
        a, b = others
        drop, other_weight = special.roots_sh_jacobi(80, a + b - 1, a)
        alive = (1 - drop) ** x * rate**x * np.exp(-rate * age)
        left = drop * (1 - drop) ** (x - 1) if x else 0
        gone = left * rate**x * np.exp(-rate * t)
        orders = -np.expm1(-rate * drop * weeks) / drop
    else:
        s, beta = others
        death, other_weight = special.roots_genlaguerre(80, s - 1)
        death = death / beta
        both = rate + death
        alive = rate**x * np.exp(-both * age)
        ended = np.exp(-both * t) - np.exp(-both * age)
        gone = rate**x * death / both * ended
        orders = -rate * np.expm1(-death * weeks) / death
    weight = rate_weight[:, None] * other_weight
    weight = weight / weight.sum()
    return (
        np.sum(weight * (alive + gone)),
        np.sum(weight * alive),
        np.sum(weight * alive * orders),
    )


@methods
@pytest.mark.parametrize("history", HISTORIES)
def test_numbers_are_the_integrals_that_define_them(method, history):
    parameters, known = TRUE[method], of_history(*history)
    model = MODELS[method]
    likelihood, alive, orders = integrals(method, parameters, history, weeks=4.0)
    assert np.exp(model.log_likelihood(parameters, known)[0]) == pytest.approx(
        likelihood, rel=1e-5
    )
    [probability] = model.probability_alive(parameters, known)
    assert probability == pytest.approx(alive / likelihood, rel=1e-5)
    [if_alive] = model.expected_orders_if_alive(
        parameters, known.frequency, known.age, 4.0
    )
    assert if_alive == pytest.approx(orders / alive, rel=1e-4)


@methods
@pytest.mark.parametrize("history", HISTORIES)
def test_gradient_is_the_slope(method, history):
    parameters, known = TRUE[method] * 1.1, of_history(*history)
    model = MODELS[method]
    _, gradient = model.log_likelihood(parameters, known)
    for place, step in enumerate(np.eye(4) * 1e-5):
        above, below = (
            model.log_likelihood(parameters + way * step, known)[0] for way in (1, -1)
        )
        assert gradient[place] == pytest.approx((above - below) / 2e-5, abs=1e-7)


@methods
def test_expected_orders_are_continuous_where_the_formula_is_not(method):
    model, one = MODELS[method], TRUE[method].copy()
    frequency, age = np.array([0.0, 3.0]), np.array([10.0, 30.0])
    places = []
    for shape in (1 - 1e-3, 1 - 1e-6, 1, 1 + 1e-6, 1 + 1e-3):
        one[2] = shape
        places.append(model.expected_orders_if_alive(one, frequency, age, 26.0))
    assert np.ptp(places[1:4], axis=0) == pytest.approx(0, abs=2e-6)
    np.testing.assert_allclose(places[2], (places[0] + places[4]) / 2, rtol=1e-5)


@methods
def test_parameters_are_recovered(method, drawn):
    known = drawn(method, TRUE[method], 4000, seed=1)
    fit = MODELS[method].fit(known)
    assert fit.status == "ok"
    off = np.log(fit.parameters / TRUE[method]) / np.sqrt(np.diag(fit.log_covariance))
    assert np.abs(off).max() < 3
    at_truth, _ = MODELS[method].log_likelihood(TRUE[method], known)
    # Twice the gain is chi-square with 4 degrees of freedom.
    assert 0 < 2 * (fit.log_likelihood - at_truth) < stats.chi2(4).ppf(0.999)


@methods
def test_standard_errors_are_those_of_repeated_samples(method, drawn):
    fits = [
        MODELS[method].fit(drawn(method, TRUE[method], 1500, seed))
        for seed in range(20)
    ]
    logs = np.log([fit.parameters for fit in fits if fit.status == "ok"])
    stated = np.median([np.diag(fit.log_covariance) for fit in fits], axis=0) ** 0.5
    assert len(logs) == len(fits)
    # The deviation of 20 is off by two fifths in one of a hundred cases.
    np.testing.assert_allclose(logs.std(axis=0, ddof=1), stated, rtol=0.4)


@methods
def test_equal_customers_may_be_counted_or_repeated(method):
    x, t, age = np.array(HISTORIES).T
    counts = np.array([3, 1, 2, 1])
    counted = histories(x, t, age, counts)
    repeated = histories(*(np.repeat(column, counts) for column in (x, t, age)))
    one, other = (
        MODELS[method].log_likelihood(TRUE[method], known)
        for known in (counted, repeated)
    )
    assert one[0] == other[0]
    assert (one[1] == other[1]).all()


@methods
def test_order_of_customers_does_not_matter(method, drawn):
    known = drawn(method, TRUE[method], 300, seed=5)
    shuffled = np.random.default_rng(0).permutation(len(known.count))
    other = histories(*known.part(shuffled))
    one, two = MODELS[method].fit(known), MODELS[method].fit(other)
    assert (one.parameters == two.parameters).all()


@methods
def test_unit_of_time_scales_rates_only(method, drawn):
    known = drawn(method, TRUE[method], 2000, seed=2)
    days = known._replace(recency=known.recency * 7, age=known.age * 7)
    scale = np.array({"bg_nbd": [1, 7, 1, 1], "pareto_nbd": [1, 7, 1, 7]}[method])
    one, other = MODELS[method].fit(known), MODELS[method].fit(days)
    np.testing.assert_allclose(other.parameters, one.parameters * scale, rtol=1e-5)


@methods
@pytest.mark.parametrize(
    ("columns", "statuses"),
    [
        (([], [], []), {"no customers"}),
        (([0, 0], [0, 0], [10, 20]), {"no repeat purchases"}),
        (([0], [0], [0]), {"no repeat purchases"}),
        (([3], [5], [9]), {"at the boundary", "did not converge"}),
        (([3] * 50, [5] * 50, [9] * 50), {"at the boundary", "did not converge"}),
        # Nobody ever stops, all buy at one pace.
        (([9] * 50, [9] * 50, [9.5] * 50), {"at the boundary", "did not converge"}),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_cannot_be_fitted_says_why_and_gives_no_number(method, columns, statuses):
    fit = MODELS[method].fit(histories(*columns))
    assert fit.status in statuses
    assert np.isnan([*fit.parameters, *fit.standard_errors, fit.log_likelihood]).all()


@methods
def test_customers_of_today_say_nothing(method, drawn):
    known = drawn(method, TRUE[method], 2000, seed=4)
    newcomers = histories(
        *(np.append(column, [0]) for column in known[:3]), np.append(known.count, 500)
    )
    one, other = MODELS[method].fit(known), MODELS[method].fit(newcomers)
    np.testing.assert_allclose(other.parameters, one.parameters, rtol=1e-5)


@methods
@pytest.mark.filterwarnings("error")
def test_extreme_histories_have_finite_likelihoods(method):
    extreme = histories(
        [0, 1, 2000, 2000, 1], [0, 0.15, 500, 1, 500], [0, 520, 520, 520, 500]
    )
    for parameters in (TRUE[method], TRUE[method] * 100, TRUE[method] / 100):
        value, gradient = MODELS[method].log_likelihood(parameters, extreme)
        assert np.isfinite([value, *gradient]).all()
        alive = MODELS[method].probability_alive(parameters, extreme)
        assert ((alive >= 0) & (alive <= 1)).all()


@pytest.mark.parametrize(
    "parameters", [(0.55, 10.6, 0.6, 11.7), (2, 3, 4, 90), (3, 80, 0.3, 2)]
)
def test_pareto_integral_is_that_of_adaptive_quadrature(parameters):
    r, alpha, s, beta = parameters
    for x, t, age in [(0, 0, 500), (1, 0.15, 300), (40, 20, 90), (300, 99, 104)]:
        found = pareto_nbd._gone(
            np.array(parameters, float), of_history(x, t, age), False
        )
        scale = (r + x) * np.log(alpha + t) + (s + 1) * np.log(beta + t)
        direct, _ = integrate.quad(
            lambda y, x=x, scale=scale: np.exp(
                scale - (r + x) * np.log(alpha + y) - (s + 1) * np.log(beta + y)
            ),
            t,
            age,
            points=[t + (age - t) / 1000, t + (age - t) / 30],
            epsabs=0,
            epsrel=1e-11,
        )
        assert found.log_density[0] == pytest.approx(
            np.log(s * direct) - scale, rel=1e-10, abs=1e-9
        )
