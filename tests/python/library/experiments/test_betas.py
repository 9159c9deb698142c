from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats

from mercato.experiments.betas import Betas, difference, nodes

ONE_SUCCESS_EACH = ((1, 51), (1, 51))
PAIRS = [
    ((151, 851), (121, 881)),
    ((6, 46), (1, 51)),
    ONE_SUCCESS_EACH,
    ((46, 6), (51, 1)),
    ((2, 100), (50, 4000)),
    ((50, 4000), (2, 100)),
    ((30.5, 70.5), (0.5, 10.5)),
]


def betas(*parameters):
    """Lay (a, b) out as distributions."""
    return Betas(*np.array(parameters, dtype=float).T)


def found_of(variant, control, level=0.95):
    return {
        name: column.item()
        for name, column in difference(betas(variant), betas(control), level)
        ._asdict()
        .items()
    }


def expectation(control, function, corner=0.5):
    """Integrate a function of the control's rate, with a corner, numerically."""
    distribution = stats.beta(*control)

    def integrand(logit):
        rate = special.expit(logit)
        return distribution.pdf(rate) * rate * (1 - rate) * function(rate)

    places = distribution.ppf([1e-14, 0.001, 0.5, 0.999, 1 - 1e-14])
    if 0 < corner < 1:
        places = np.append(places, corner)
    places = np.clip(special.logit(np.sort(places)), -70, 35)
    return sum(
        integrate.quad(integrand, low, high, epsabs=1e-12, limit=200)[0]
        for low, high in pairwise(places)
    )


@pytest.mark.parametrize(("variant", "control"), PAIRS)
def test_agrees_with_numerical_integration(variant, control):
    found = found_of(variant, control)
    distribution = stats.beta(*variant)
    above = expectation(control, distribution.sf)
    assert found["probability_above"] == pytest.approx(above, abs=1e-9)
    # E max(c - V, 0) is the integral of P(V < place) P(c > place).
    shortfall = integrate.quad(
        lambda place: distribution.cdf(place) * stats.beta.sf(place, *control),
        0,
        1,
        points=distribution.ppf([0.001, 0.5, 0.999]),
        epsabs=1e-13,
        limit=500,
    )[0]
    assert found["expected_shortfall"] == pytest.approx(shortfall, abs=1e-10)
    for end, probability in [("lower", 0.025), ("upper", 0.975)]:
        shift, scale = found[end], found[f"ratio_{end}"]
        below = expectation(control, lambda c, d=shift: distribution.cdf(c + d), -shift)
        assert below == pytest.approx(probability, abs=3e-4)
        below = expectation(
            control, lambda c, r=scale: distribution.cdf(c * r), 1 / scale
        )
        assert below == pytest.approx(probability, abs=3e-4)


@settings(max_examples=60, deadline=None)
@given(*[st.integers(1, 60) for _ in range(4)])
def test_agrees_with_the_closed_form_of_whole_parameters(a, b, c, d):
    # Miller (2015), Formulas for Bayesian A/B testing: the probability that the first
    # of two rates Beta(a, b) and Beta(c, d) is the higher one.
    i = np.arange(a)
    terms = special.betaln(c + i, b + d) - np.log(b + i)
    terms -= special.betaln(1 + i, b) + special.betaln(c, d)
    found = found_of((a, b), (c, d))["probability_above"]
    assert found == pytest.approx(np.exp(terms).sum(), abs=1e-9)


def test_agrees_with_the_normal_limit():
    variant, control = (202_000, 798_000), (200_000, 800_000)
    found = found_of(variant, control)
    effect = 0.002
    error = np.hypot(stats.beta.std(*variant), stats.beta.std(*control))
    normal = stats.norm(effect, error)
    assert found["probability_above"] == pytest.approx(normal.sf(0), abs=1e-6)
    assert found["lower"] == pytest.approx(normal.ppf(0.025), abs=1e-3 * error)
    assert found["upper"] == pytest.approx(normal.ppf(0.975), abs=1e-3 * error)
    loss = integrate.quad(normal.cdf, effect - 40 * error, 0)[0]
    assert found["expected_shortfall"] == pytest.approx(loss, rel=1e-2)


def test_agrees_with_draws():
    random = np.random.default_rng(3)
    variant, control = random.beta(8, 40, 400_000), random.beta(5, 45, 400_000)
    found = found_of((8, 40), (5, 45), 0.9)
    assert found["probability_above"] == pytest.approx(
        (variant > control).mean(), abs=4 * 0.5 / np.sqrt(400_000)
    )
    loss = np.maximum(control - variant, 0)
    assert found["expected_shortfall"] == pytest.approx(
        loss.mean(), abs=4 * loss.std() / np.sqrt(400_000)
    )
    # The share of draws below a bound is binomial.
    for name, drawn in [("", variant - control), ("ratio_", variant / control)]:
        for bound, share in [("lower", 0.05), ("upper", 0.95)]:
            below = (drawn < found[name + bound]).mean()
            assert below == pytest.approx(share, abs=4 * np.sqrt(0.0475 / 400_000))


def test_swapping_the_arms_flips_the_signs():
    random = np.random.default_rng(5)
    first, second = (betas(*random.uniform(0.5, 300, (200, 2))) for _ in range(2))
    one, other = difference(first, second, 0.9), difference(second, first, 0.9)
    assert one.probability_above == pytest.approx(1 - other.probability_above, abs=1e-9)
    assert one.lower == pytest.approx(-other.upper, abs=2e-3)
    assert one.ratio_lower == pytest.approx(1 / other.ratio_upper, rel=2e-3)
    gain = first.mean - second.mean
    assert other.expected_shortfall - one.expected_shortfall == pytest.approx(gain)
    # Failures in the place of successes turn the difference round as well.
    failures = difference(Betas(*first[::-1]), Betas(*second[::-1]), 0.9)
    assert failures.lower == pytest.approx(-one.upper, abs=2e-3)


def test_a_pair_alone_has_the_numbers_it_has_among_others():
    rows = betas(*(variant for variant, _ in PAIRS))
    controls = betas(*(control for _, control in PAIRS))
    together = np.array(difference(rows, controls, 0.95))
    for place, pair in enumerate(PAIRS):
        assert together[:, place].tolist() == list(found_of(*pair).values())


@pytest.mark.filterwarnings("error")
def test_rates_far_apart_have_bounds_in_range():
    far = [(1, 1_000_000), (1_000_000, 1), (999_000, 1000), (1, 1), (1000, 999_000)]
    variants = betas(*[one for one in far for _ in far])
    controls = betas(*[other for _ in far for other in far])
    found = difference(variants, controls, 0.99)
    assert np.isfinite(np.array(found)).all()
    assert (found.lower >= -1).all()
    assert (found.upper <= 1).all()
    assert (found.lower <= variants.mean - controls.mean).all()
    assert (found.upper >= variants.mean - controls.mean).all()
    assert (found.expected_shortfall >= 0).all()


def test_intervals_hold_the_truth_as_often_as_they_say():
    # 4,000 pairs of rates from the prior: four standard errors are 1.4 points.
    random = np.random.default_rng(7)
    truth = random.beta(2, 8, (2, 4000))
    units = np.array([[60], [400]])
    hits = random.binomial(units, truth)
    variant, control = (
        Betas(hits[i] + 2.0, units[i] - hits[i] + 8.0) for i in range(2)
    )
    found = difference(variant, control, 0.95)
    effect, ratio = truth[0] - truth[1], truth[0] / truth[1]
    inside = (found.lower < effect) & (effect < found.upper)
    assert inside.mean() == pytest.approx(0.95, abs=0.014)
    inside = (found.ratio_lower < ratio) & (ratio < found.ratio_upper)
    assert inside.mean() == pytest.approx(0.95, abs=0.014)
    # Of the variants that are better with a probability of p, the share p is better.
    tenth = (found.probability_above * 10).astype(int).clip(0, 9)
    for number in range(10):
        chosen = tenth == number
        claimed = found.probability_above[chosen].mean()
        error = np.sqrt(claimed * (1 - claimed) / chosen.sum())
        assert (effect > 0)[chosen].mean() == pytest.approx(claimed, abs=4 * error)
    # And what choosing them costs is what was expected.
    cost = np.maximum(-effect, 0)
    error = np.std(cost - found.expected_shortfall) / np.sqrt(4000)
    assert cost.mean() == pytest.approx(found.expected_shortfall.mean(), abs=4 * error)


@pytest.mark.parametrize(
    "parameters", [(1, 1), (0.5, 0.5), (1, 1e6), (40, 3), (3e5, 9)]
)
def test_nodes_have_the_moments_of_the_distribution(parameters):
    rates, weights = nodes(betas(parameters))
    mean = (rates * weights).sum()
    variance = ((rates - mean) ** 2 * weights).sum()
    assert weights.sum() == pytest.approx(1)
    assert mean == pytest.approx(betas(parameters).mean.item(), rel=1e-9)
    assert variance == pytest.approx(stats.beta.var(*parameters), rel=1e-6)
