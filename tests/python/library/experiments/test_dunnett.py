import numpy as np
import pytest
from scipy import integrate, special, stats

from mercato.experiments.dunnett import dunnett, dunnett_critical_values


def arguments(freedom, shares):
    """Lay out a family whose correlations are sqrt(share_i share_j)."""
    shares = np.asarray(shares, dtype=float)
    size = len(shares)
    return np.full(size, freedom), 1 - shares, shares, np.zeros(size)


def by_dense_grid(t, freedom, shares):
    """Integrate the exceedance of t over the control's deviate and the scale."""
    loading, deviation = np.sqrt(shares), np.sqrt(1 - np.asarray(shares))
    z = np.linspace(-9, 9, 601)
    if np.isinf(freedom):
        scale, density = np.ones(1), np.ones(1)
    else:
        ends = stats.chi2(freedom).ppf([1e-12, 1 - 1e-12])
        scale = np.linspace(*np.sqrt(ends / freedom), 401)
        density = stats.chi(freedom, scale=freedom**-0.5).pdf(scale)
    reach = (t * scale)[:, None]
    inside = np.ones((len(scale), len(z)))
    for loads, deviates in zip(loading, deviation, strict=True):
        upper = special.ndtr((loads * z + reach) / deviates)
        inside *= upper - special.ndtr((loads * z - reach) / deviates)
    outside = integrate.simpson(stats.norm.pdf(z) * (1 - inside), x=z)
    if len(scale) == 1:
        return outside[0]
    return integrate.simpson(density * outside, x=scale)


@pytest.mark.parametrize(
    ("freedom", "shares", "t"),
    [
        (3, [0.5, 0.5], 2.0),
        (5, [0.8, 0.2, 0.5], 4.0),
        (40, [0.5, 0.5, 0.5, 0.5], 2.5),
        (60, [0.95, 0.9], 1.0),
        (20_000, [0.5, 0.3], 2.2),
        (np.inf, [0.98, 0.99], 2.2),
    ],
)
def test_agrees_with_integration_on_a_dense_grid(freedom, shares, t):
    adjusted = dunnett(np.full(len(shares), t), *arguments(freedom, shares))
    assert adjusted == pytest.approx(by_dense_grid(t, freedom, shares), abs=1e-7)


@pytest.mark.parametrize("sizes", [(5, 5, 5), (10, 4, 20, 7), (200, 100, 50, 100, 100)])
def test_agrees_with_scipy_on_samples(sizes):
    rng = np.random.default_rng(3)
    control, *treated = (rng.normal(i / 4, 1, n) for i, n in enumerate(sizes))
    expected = stats.dunnett(*treated, control=control, rng=np.random.default_rng(4))
    freedom = sum(sizes) - len(sizes)
    squares = [((x - x.mean()) ** 2).sum() for x in [control, *treated]]
    pooled = sum(squares) / freedom
    adjusted = dunnett(
        expected.statistic,
        np.full(len(treated), freedom),
        pooled / np.array(sizes[1:]),
        np.full(len(treated), pooled / sizes[0]),
        np.zeros(len(treated)),
    )
    # scipy integrates by quasi-Monte Carlo.
    assert adjusted == pytest.approx(expected.pvalue, abs=3e-4)


def test_agrees_with_the_multivariate_t():
    shares = np.array([0.7, 0.4, 0.2])
    loading = np.sqrt(shares)
    shape = np.outer(loading, loading)
    np.fill_diagonal(shape, 1)
    statistics = np.array([2.0, -2.5, 0.3])
    for t, adjusted in zip(
        statistics, dunnett(statistics, *arguments(12, shares)), strict=True
    ):
        inside = stats.multivariate_t(shape=shape, df=12).cdf(
            np.full(3, abs(t)), lower_limit=np.full(3, -abs(t)), random_state=5
        )
        assert adjusted == pytest.approx(1 - inside, abs=2e-4)


def test_published_critical_values():
    # Dunnett (1964, Biometrics 20), table II: two-sided, 5 %, equal groups.
    for freedom, size, expected in [
        (10, 2, 2.57),
        (20, 3, 2.54),
        (60, 2, 2.27),
        (np.inf, 2, 2.21),
        (np.inf, 5, 2.51),
    ]:
        critical = dunnett_critical_values(
            *arguments(freedom, [0.5] * size), level=0.95
        )
        assert critical == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("freedom", [4, 100, np.inf])
def test_critical_values_are_just_significant(freedom, level):
    family = arguments(freedom, [0.9, 0.5, 0.1])
    critical = dunnett_critical_values(*family, level=level)
    assert dunnett(critical, *family) == pytest.approx(1 - level, rel=1e-6)


def test_one_variant_is_a_t_test():
    adjusted = dunnett(np.array([-2.2]), *arguments(9, [0.3]))
    assert adjusted == pytest.approx(2 * stats.t.sf(2.2, 9))
    critical = dunnett_critical_values(*arguments(9, [0.3]), level=0.9)
    assert critical == pytest.approx(stats.t.ppf(0.95, 9))


def test_lies_between_one_test_and_bonferroni_in_the_tail():
    statistics = np.array([0.0, 6.0, 12.0, 40.0])
    adjusted = dunnett(statistics, *arguments(np.inf, [0.5] * 4))
    single = 2 * stats.norm.sf(statistics)
    assert (adjusted >= single).all()
    assert (adjusted <= np.minimum(4 * single, 1)).all()
    assert adjusted[1] == pytest.approx(4 * single[1], rel=1e-3)


def test_families_do_not_touch_each_other_in_any_order():
    rng = np.random.default_rng(6)
    family = rng.integers(0, 40, 200)
    statistics, freedom = rng.normal(0, 2, 200), rng.uniform(2, 500, 200)
    variances, control_variances = rng.uniform(size=(2, 200))
    rows = (statistics, freedom, variances, control_variances, family)
    adjusted = dunnett(*rows)
    order = rng.permutation(200)
    assert dunnett(*(row[order] for row in rows)) == pytest.approx(adjusted[order])
    alone = family == 7
    assert dunnett(*(row[alone] for row in rows)) == pytest.approx(adjusted[alone])
    scaled = (-statistics, freedom, 9 * variances, 9 * control_variances, family)
    assert dunnett(*scaled) == pytest.approx(adjusted)


@pytest.mark.filterwarnings("error")
def test_what_is_undefined_takes_no_part():
    statistics = np.array([2.0, np.nan, 2.0, 2.0, 2.0, 2.0])
    freedom = np.array([30.0, 30.0, np.nan, 0.0, 30.0, 30.0])
    variances = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    control_variances = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 1.0])
    rows = (statistics, freedom, variances, control_variances, np.zeros(6))
    adjusted = dunnett(*rows)
    assert np.isnan(adjusted).tolist() == [False, True, True, True, True, False]
    both = dunnett(*(row[[0, 5]] for row in rows))
    assert adjusted[[0, 5]].tolist() == both.tolist()
    assert dunnett(*(row[:0] for row in rows)).tolist() == []


def test_one_arm_without_variance():
    adjusted = dunnett(np.full(2, 2.0), *arguments(np.inf, [0.0, 0.0]))
    assert adjusted == pytest.approx(1 - (1 - 2 * stats.norm.sf(2)) ** 2)
    # The control has all the variance: both comparisons are nearly the same.
    adjusted = dunnett(np.full(2, 2.0), *arguments(np.inf, [1.0, 1.0]))
    assert adjusted == pytest.approx(2 * stats.norm.sf(2), abs=2e-3)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"control_variances == -1.0, must be >= 0"):
        dunnett(*np.array([[1.0], [9.0], [1.0], [-1.0], [0.0]]))
    with pytest.raises(ValueError, match=r"level == 1, must be > 0 and < 1"):
        dunnett_critical_values(*arguments(9, [0.3]), level=1)


def test_false_discoveries_over_simulated_experiments():
    # Means of 30 units with different variances, no effect: any of 3 variants is
    # found significant in 5 % of the experiments.
    rng = np.random.default_rng(7)
    experiments, units = 2_000, 30
    deviation = np.array([1.0, 2.0, 1.5, 0.5])
    means = rng.normal(0, deviation / np.sqrt(units), (experiments, 4))
    chi = rng.chisquare(units - 1, (experiments, 4)) / (units - 1)
    variances = deviation**2 * chi / units
    total = variances[:, 1:] + variances[:, :1]
    freedom = (total**2 * (units - 1)) / (variances[:, 1:] ** 2 + variances[:, :1] ** 2)
    adjusted = dunnett(
        ((means[:, 1:] - means[:, :1]) / np.sqrt(total)).ravel(),
        freedom.ravel(),
        variances[:, 1:].ravel(),
        np.repeat(variances[:, 0], 3),
        np.repeat(np.arange(experiments), 3),
    ).reshape(-1, 3)
    error = 3 * np.sqrt(0.05 * 0.95 / experiments)
    assert (adjusted < 0.05).any(axis=1).mean() == pytest.approx(0.05, abs=error)
