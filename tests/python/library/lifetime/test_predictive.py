"""What a single customer may do, against sums, quadrature and simulation."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from mercato.lifetime import bg_nbd, pareto_nbd
from mercato.lifetime.histories import histories
from mercato.lifetime.predictive import future_quantiles, revenue_quantile

MODELS = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}
TRUE = {
    "bg_nbd": np.array([0.8, 6.0, 0.7, 2.5]),
    "pareto_nbd": np.array([0.8, 6.0, 0.9, 15.0]),
}
AMOUNTS = np.array([3.0, 4.0, 60.0])
KNOWN = histories([0, 1, 2, 9, 60], [0, 3, 5, 30, 33], [20, 3, 40, 33, 33])
PROBABILITIES = (0.1, 0.5, 0.9)

methods = pytest.mark.parametrize("method", MODELS)


@methods
@pytest.mark.parametrize("weeks", [1.0, 13.0, 52.0])
def test_chances_of_more_orders_add_up_to_their_expectation(method, weeks):
    model, parameters = MODELS[method], TRUE[method]
    more = model.more_orders_if_alive(
        parameters,
        KNOWN.frequency[:, None],
        KNOWN.age[:, None],
        weeks,
        np.arange(3000),
    )
    assert (np.diff(more, axis=1) < 1e-12).all()
    np.testing.assert_allclose(
        more.sum(axis=1),
        model.expected_orders_if_alive(parameters, KNOWN.frequency, KNOWN.age, weeks),
        rtol=1e-9,
    )


@pytest.mark.parametrize("orders", [0, 1, 5, 40])
def test_pareto_chances_are_those_of_quadrature(orders):
    r, alpha, s, beta = TRUE["pareto_nbd"]
    x, age, weeks = 30, 25.0, 26.0

    def of_lifetime(lived):
        made = special.betainc(orders + 1, r + x, lived / (alpha + age + lived))
        return made * stats.lomax.pdf(lived, s, scale=beta + age)

    died, _ = integrate.quad(of_lifetime, 0, weeks, epsabs=1e-13)
    made = special.betainc(orders + 1, r + x, weeks / (alpha + age + weeks))
    outlived = made * stats.lomax.sf(weeks, s, scale=beta + age)
    found = pareto_nbd.more_orders_if_alive(
        TRUE["pareto_nbd"], *np.array([[x], [age]]), weeks, np.array([orders])
    )
    np.testing.assert_allclose(found, died + outlived, rtol=1e-7)


@pytest.mark.parametrize("probability", PROBABILITIES)
def test_revenue_quantiles_are_those_of_the_mixture(probability):
    p, q, _ = AMOUNTS
    more = np.array([[0.95, 0.6, 0.2, 0.0], [0.3, 0.1, 0.0, 0.0]])
    frequency = np.array([0.0, 7.0])
    found = revenue_quantile(more, frequency, AMOUNTS, probability)
    for row, x, revenue in zip(more, frequency, found, strict=True):
        chance = 1 - row[0]
        if revenue > 0:
            chance += sum(
                weight * stats.betaprime.cdf(revenue, p * count, p * x + q)
                for count, weight in enumerate(-np.diff(row), start=1)
            )
            assert chance == pytest.approx(probability, abs=1e-8)
        else:
            assert chance >= probability


def draw_futures(method, size, weeks, seed):
    """Histories, and the orders and revenue of the next weeks, as the models say."""
    rng = np.random.default_rng(seed)
    r, alpha, *others = TRUE[method]
    age, rate = rng.uniform(10, 60, size), rng.gamma(r, 1 / alpha, size)
    drop, lifetime = np.zeros(size), np.full(size, np.inf)
    if method == "bg_nbd":
        drop = rng.beta(*others, size)
    else:
        lifetime = rng.exponential(1 / rng.gamma(others[0], 1 / others[1], size))
    counts, last, time = np.zeros((2, size)), np.zeros(size), np.zeros(size)
    active = np.arange(size)
    while len(active):
        time[active] += rng.exponential(1 / rate[active])
        active = active[time[active] < np.minimum(lifetime, age + weeks)[active]]
        is_known = time[active] < age[active]
        counts[np.where(is_known, 0, 1), active] += 1
        last[active[is_known]] = time[active[is_known]]
        active = active[rng.random(len(active)) >= drop[active]]
    spread = rng.gamma(AMOUNTS[1], 1 / AMOUNTS[2], size)
    spent, future = (
        np.where(count > 0, rng.gamma(AMOUNTS[0] * np.maximum(count, 1)) / spread, 0)
        for count in counts
    )
    return age, counts, last, spent, future


@methods
def test_bounds_hold_for_as_many_customers_as_promised(method):
    age, counts, last, spent, future = draw_futures(method, 20_000, 26.0, seed=7)
    order = np.lexsort([age, last, counts[0]])
    known = histories(counts[0], last, age)
    orders, revenue = future_quantiles(
        MODELS[method], TRUE[method], known, 26.0, AMOUNTS, PROBABILITIES
    )
    revenue *= (AMOUNTS[2] + spent[order])[:, None]
    came, brought = counts[1][order], future[order]
    for place, probability in enumerate(PROBABILITIES):
        # Where the quantile is 0 with more than this probability, it is 0.
        at_most = (brought <= revenue[:, place]).mean()
        above = revenue[:, place] > 0
        assert at_most >= probability - 0.01
        exact = (brought[above] <= revenue[above, place]).mean()
        assert exact == pytest.approx(probability, abs=0.02)
        assert (came <= orders[:, place]).mean() >= probability - 0.01
        assert (came < orders[:, place]).mean() <= probability + 0.01


@methods
def test_a_row_does_not_depend_on_the_others(method):
    both = [
        future_quantiles(MODELS[method], TRUE[method], of, 26.0, AMOUNTS, PROBABILITIES)
        for of in (KNOWN, KNOWN.part(slice(1, 3)))
    ]
    for whole, part in zip(*both, strict=True):
        np.testing.assert_array_equal(whole[1:3], part)


@methods
def test_no_histories_and_no_amounts(method):
    none = KNOWN.part(slice(0, 0))
    orders, revenue = future_quantiles(
        MODELS[method], TRUE[method], none, 4.0, AMOUNTS, PROBABILITIES
    )
    assert orders.shape == revenue.shape == (0, 3)
    orders, revenue = future_quantiles(
        MODELS[method], TRUE[method], KNOWN, 4.0, None, PROBABILITIES
    )
    assert np.isfinite(orders).all()
    assert np.isnan(revenue).all()


def test_bad_probabilities_are_named():
    with pytest.raises(ValueError, match="probability == 0, must be > 0 and < 1"):
        future_quantiles(bg_nbd, TRUE["bg_nbd"], KNOWN, 4.0, None, [0])
