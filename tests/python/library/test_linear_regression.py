import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from mercato.linear_regression import least_squares, prediction, quantiles_above


@pytest.fixture
def sample():
    rng = np.random.default_rng(5)
    design = np.column_stack([np.ones(60), rng.normal(size=(60, 2))])
    return design, design @ [1.0, -2.0, 0.5] + rng.normal(size=60)


def test_fit_is_that_of_statsmodels(sample):
    design, response = sample
    new = np.array([[1.0, 0, 0], [1, 3, -3]])
    fit, expected = least_squares(design, response), sm.OLS(response, design).fit()
    np.testing.assert_allclose(fit.coefficients, expected.params)
    np.testing.assert_allclose(fit.residual_scale**2, expected.scale)
    assert fit.degrees == expected.df_resid
    np.testing.assert_allclose(
        fit.root @ fit.root.T * expected.scale, expected.cov_params()
    )
    intervals = expected.get_prediction(new).summary_frame(alpha=0.2)
    nothing = np.full(2, -np.inf)
    for probability, name in (
        (0.1, "obs_ci_lower"),
        (0.5, "mean"),
        (0.9, "obs_ci_upper"),
    ):
        np.testing.assert_allclose(
            quantiles_above(fit, new, nothing, probability), intervals[name]
        )


def test_quantiles_above_a_bound_share_what_is_left(sample):
    fit = least_squares(*sample)
    new, bounds = np.array([[1.0, 0, 0]] * 3), np.array([-1.0, 1.0, 40.0])
    [mean, *_], [scale, *_] = prediction(fit, new)
    tail = stats.t(fit.degrees, mean, scale).sf
    for probability in (0.1, 0.5, 0.9):
        found = quantiles_above(fit, new, bounds, probability)
        assert (found > bounds).all()
        left = tail(found) / tail(bounds)
        np.testing.assert_allclose(left, 1 - probability, rtol=1e-8)


def test_columns_that_depend_on_each_other_change_no_prediction(sample):
    design, response = sample
    twice = np.column_stack([design, design[:, 1] * 3, np.zeros(60)])
    alone, together = least_squares(design, response), least_squares(twice, response)
    assert together.degrees == alone.degrees
    for found, expected in zip(
        prediction(together, twice), prediction(alone, design), strict=True
    ):
        np.testing.assert_allclose(found, expected)


def test_scaling_a_column_changes_no_prediction(sample):
    design, response = sample
    scaled = design * [1, 1e3, 1e-3]
    np.testing.assert_allclose(
        prediction(least_squares(scaled, response), scaled),
        prediction(least_squares(design, response), design),
    )


def test_an_exact_fit_has_no_spread_and_ends_at_the_bound():
    design = np.column_stack([np.ones(4), np.arange(4.0)])
    fit = least_squares(design, 0.1 + 0.3 * np.arange(4))
    assert fit.residual_scale == 0
    found = quantiles_above(fit, design[:2], np.array([-np.inf, 2.0]), 0.9)
    np.testing.assert_allclose(found, [0.1, 2.0])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows_fit_nothing(rows):
    design = np.column_stack([np.ones(rows), np.arange(float(rows))])
    assert least_squares(design, np.arange(float(rows))) is None


def test_bad_numbers_are_named(sample):
    design, response = sample
    with pytest.raises(ValueError, match="response == nan, must be finite"):
        least_squares(design, np.full(60, np.nan))
    with pytest.raises(ValueError, match="design == inf, must be finite"):
        least_squares(design * np.inf, response)
    fit = least_squares(design, response)
    with pytest.raises(ValueError, match="probability == 1, must be > 0 and < 1"):
        quantiles_above(fit, design, np.full(60, -np.inf), 1)
