import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mercato.experiments.multiplicity import benjamini_hochberg, family_sizes, holm

PUBLISHED = np.array([0.01, 0.04, 0.03, 0.005, 0.2])
METHODS = {holm: "holm", benjamini_hochberg: "fdr_bh"}


def one_family(p_values):
    return np.zeros(len(p_values), dtype=int)


def test_published_p_values():
    adjusted = holm(PUBLISHED, one_family(PUBLISHED))
    assert adjusted == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.2])
    adjusted = benjamini_hochberg(PUBLISHED, one_family(PUBLISHED))
    assert adjusted == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.2])


P_VALUES = st.one_of(st.floats(0, 1), st.just(np.nan), st.sampled_from([0.01, 1e-300]))


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(P_VALUES, st.integers(-2, 3)), max_size=30))
def test_every_family_agrees_with_statsmodels(adjusted_by_statsmodels, method, rows):
    p_values = np.array([p for p, _ in rows])
    family = np.array([name for _, name in rows], dtype=int)
    adjusted = method(p_values, family)
    sizes = family_sizes(p_values, family)
    assert (np.isnan(adjusted) == np.isnan(p_values)).all()
    for name in set(family.tolist()):
        tested = (family == name) & ~np.isnan(p_values)
        assert (sizes[family == name] == tested.sum()).all()
        if tested.any():
            expected = adjusted_by_statsmodels(p_values[tested], METHODS[method])
            assert adjusted[tested] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_families_may_be_named_and_rows_come_in_any_order(method):
    rng = np.random.default_rng(1)
    p_values = rng.uniform(size=60)
    family = rng.choice(["b", "a", "c"], size=60)
    order = rng.permutation(60)
    expected = method(p_values, family)[order]
    assert method(p_values[order], family[order]).tolist() == expected.tolist()


@pytest.mark.parametrize("method", METHODS)
def test_small_p_values_of_many_families_keep_their_digits(method):
    p_values = np.tile([1e-200, 3e-200], 50_000)
    adjusted = method(p_values, np.repeat(np.arange(50_000), 2))
    assert (adjusted[:2] < 1e-199).all()
    assert (adjusted.reshape(-1, 2) == adjusted[:2]).all()


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_adjust(method):
    assert method(np.array([]), np.array([])).tolist() == []
    assert np.isnan(method(np.full(3, np.nan), np.arange(3))).all()
    assert method(np.array([0.03]), np.array([7])).tolist() == [0.03]


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"p_values == 1.5, must be >= 0 and <= 1"):
        holm(np.array([0.5, 1.5]), np.zeros(2))
    with pytest.raises(ValueError, match=r"len\(family\) == 1, must be 2"):
        benjamini_hochberg(np.array([0.5, 0.5]), np.zeros(1))


def test_errors_over_simulated_families():
    # Half of the hypotheses are false: Holm bounds the families with any false
    # discovery, Benjamini-Hochberg the mean share of false discoveries (by 0.05 / 2).
    rng = np.random.default_rng(2)
    families, size = 4_000, 10
    p_values = rng.uniform(size=(families, size))
    p_values[:, size // 2 :] **= 6
    family = np.repeat(np.arange(families), size)
    error = 3 * np.sqrt(0.05 * 0.95 / families)
    found = holm(p_values.ravel(), family).reshape(families, size) < 0.05
    assert found[:, : size // 2].any(axis=1).mean() < 0.05 + error
    found = benjamini_hochberg(p_values.ravel(), family).reshape(families, size) < 0.05
    share = found[:, : size // 2].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
    assert share.mean() == pytest.approx(0.025, abs=error)
