"""Frequentist results: every method that fits a metric, corrected for their number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.comparisons import Comparison, result_columns
from mercato.experiments.contingency import MONTE_CARLO_SAMPLES, chi_square_results
from mercato.experiments.corrections import (
    corrected_pairs,
    with_false_discovery_rates,
    with_holm,
)
from mercato.experiments.covariates import cuped
from mercato.experiments.effects import Estimates, check_level
from mercato.experiments.equivalence import guardrails
from mercato.experiments.heterogeneity import LEAST_UNITS, between_segments
from mercato.experiments.means import mean_estimates, welch, welch_anova_results
from mercato.experiments.proportions import two_proportions
from mercato.experiments.quantiles import order_statistics
from mercato.experiments.ratios import delta, ratio_counts, ratio_estimates
from mercato.experiments.results import RESULTS_SCHEMA, combined, of_pairs
from mercato.experiments.statistics import (
    KEYS,
    MEANS,
    PROPORTIONS,
    Arms,
    Pairs,
    numbers,
    only,
    pair,
    read_arms,
    texts,
)
from mercato.experiments.stratification import post_stratified


class Options(NamedTuple):
    """How to test; see frequentist_results."""

    seed: int
    confidence_level: float
    monte_carlo_samples: int
    post_stratify_by: str | None


class _Analysis(NamedTuple):
    """All tests of the metrics of one kind.

    plain and adjusted are of all pairs, adjusted where metrics of the kind can have a
    covariate; is_adjusted (k,) says which of the two is the default, is_steady (k,)
    whether its variance is known well enough to weigh segments by.
    """

    all_variants: pa.Table
    plain: Comparison
    adjusted: Comparison | None
    is_adjusted: np.ndarray
    is_steady: np.ndarray

    @property
    def default(self) -> Comparison:
        """The default of each pair as one comparison."""
        if self.adjusted is None:
            return self.plain

        def chosen(adjusted: np.ndarray, plain: np.ndarray) -> np.ndarray:
            return np.where(self.is_adjusted, adjusted, plain)

        columns = zip(self.adjusted.estimates, self.plain.estimates, strict=True)
        return self.plain._replace(
            estimates=Estimates(*(chosen(*both) for both in columns)),
            status=chosen(self.adjusted.status, self.plain.status),
            columns={},
        )


def frequentist_results(
    statistics: pa.Table,
    *,
    seed: int,
    confidence_level: float = 0.95,
    monte_carlo_samples: int = MONTE_CARLO_SAMPLES,
    post_stratify_by: str | None = None,
) -> pa.Table:
    """Test every experiment, metric and segment; rows of RESULTS_SCHEMA, sorted.

    statistics is of STATISTICS_SCHEMA. Rows 'all variants' ask whether any variant
    differs, rows 'variant vs control' by how much each does, by every method that fits
    the kind of the metric:

    - proportion, retention: two_proportion or fisher_exact, cuped; chi_square
    - count, mean: welch, cuped; welch_anova
    - ratio: delta, cuped; welch_anova
    - quantile: order_statistics

    and post_stratified, of the segment 'all' by the dimension post_stratify_by, of all
    but ratios and quantiles. One row of each variant beside its control is_default:
    cuped where the covariate explains something of a count, mean or ratio, else the
    first named. From the defaults come the tests of guardrail metrics in the segment
    'all' (non_inferiority, equivalence: one-sided, see equivalence.guardrails) and the
    rows 'between segments' (cochran_q).

    holm_p_value holds over the variants, and in segments also over the values of the
    dimension; correction_scope says so and family_size is the number of tests. In the
    segment 'all', dunnett_p_value holds over the variants too, and for default rows
    benjamini_hochberg_p_value over the metrics and variants of the experiment. p_value
    itself is uncorrected.

    Raises ValueError where confidence_level is not between 0 and 1 (0.5 and 1 where
    there are guardrails), monte_carlo_samples is below 1, and as read_arms and
    conversions do.
    """
    check_level("confidence_level", confidence_level)
    options = Options(seed, confidence_level, monte_carlo_samples, post_stratify_by)
    tables = []
    for kinds, analyse in _ANALYSES:
        arms = read_arms(only(statistics, kinds))
        if len(arms.count):
            pairs = pair(arms)
            analysis = analyse(arms, pairs, options)
            tables += _rows(arms, pairs, analysis, options)
            if kinds in (PROPORTIONS, MEANS) and post_stratify_by is not None:
                whole = _whole(arms, pairs)
                stratified = post_stratified(arms, whole, post_stratify_by)
                tables.append(_tested(arms, whole, stratified, options, False))
    return with_false_discovery_rates(combined(tables))


def _proportions(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    overall = chi_square_results(
        arms, seed=options.seed, monte_carlo_samples=options.monte_carlo_samples
    )
    plain = two_proportions(arms, pairs, options.confidence_level)
    # Of a handful of conversions, rate and variance are small or large together.
    is_steady = plain.method != "fisher_exact"
    never = np.zeros_like(is_steady)
    return _Analysis(overall, plain, cuped(arms, pairs), never, is_steady)


def _means(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    estimand = "any difference of means"
    overall = welch_anova_results(arms, *mean_estimates(arms), arms.count, estimand)
    adjusted = cuped(arms, pairs)
    always = np.ones_like(pairs.is_known)
    return _Analysis(overall, welch(arms, pairs), adjusted, _helps(adjusted), always)


def _ratios(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    estimand = "any difference of ratios of sums"
    counts = ratio_counts(arms)
    overall = welch_anova_results(arms, *ratio_estimates(arms), counts, estimand)
    adjusted = cuped(arms, pairs, is_ratio=True)
    is_steady = np.minimum(counts[pairs.treated], counts[pairs.control]) >= LEAST_UNITS
    plain = delta(arms, pairs)
    return _Analysis(overall, plain, adjusted, _helps(adjusted), is_steady)


def _quantiles(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    return _Analysis(
        all_variants=RESULTS_SCHEMA.empty_table(),
        plain=order_statistics(arms, pairs),
        adjusted=None,
        is_adjusted=np.zeros_like(pairs.is_known),
        is_steady=np.ones_like(pairs.is_known),
    )


_ANALYSES = (
    (PROPORTIONS, _proportions),
    (MEANS, _means),
    (("ratio",), _ratios),
    (("quantile",), _quantiles),
)


def _helps(adjusted: Comparison) -> np.ndarray:
    """Tell where a covariate explains something."""
    reduction = np.nan_to_num(adjusted.columns["variance_reduction"])
    return (adjusted.status == "ok") & (reduction > 0)


def _rows(
    arms: Arms, pairs: Pairs, analysis: _Analysis, options: Options
) -> list[pa.Table]:
    """Lay out what an analysis says, and what follows from its defaults."""
    is_adjusted, default = analysis.is_adjusted, analysis.default
    steady = np.where(analysis.is_steady, default.status, "too few units")
    tables = [
        analysis.all_variants,
        _tested(arms, pairs, analysis.plain, options, ~is_adjusted),
        with_holm(
            between_segments(arms, pairs, default._replace(status=steady)),
            KEYS[:2],
            "variants and segment dimensions",
        ),
        *_guardrail_rows(arms, pairs, default, options),
    ]
    if analysis.adjusted is not None:
        tables.append(_tested(arms, pairs, analysis.adjusted, options, is_adjusted))
    return tables


def _tested(
    arms: Arms,
    pairs: Pairs,
    comparison: Comparison,
    options: Options,
    is_default: np.ndarray | bool,
) -> pa.Table:
    columns = result_columns(comparison, options.confidence_level)
    columns |= corrected_pairs(arms, pairs, comparison, columns)
    return of_pairs(arms, pairs, columns | {"is_default": is_default})


def _guardrail_rows(
    arms: Arms, pairs: Pairs, default: Comparison, options: Options
) -> list[pa.Table]:
    """Test the guardrails among the metrics, everybody together."""
    is_guardrail = arms.rows["is_guardrail"].to_numpy(zero_copy_only=False)
    chosen = is_guardrail[pairs.treated] & _is_whole(arms, pairs)
    if not chosen.any():
        return []
    pairs = _of(pairs, chosen)
    estimates = Estimates(*(column[chosen] for column in default.estimates))
    # Fisher's test needs no variance, a test against a margin does.
    status = default.status[chosen]
    status[(status == "ok") & ~(estimates.standard_error > 0)] = "no variation"
    tests = guardrails(
        default._replace(estimates=estimates, status=status, columns={}),
        numbers(arms.rows, "margin")[pairs.treated],
        texts(arms.rows, "direction")[pairs.treated] == "increase",
        level=options.confidence_level,
    )
    return [
        of_pairs(arms, pairs, result_columns(test, options.confidence_level))
        for test in tests
    ]


def _whole(arms: Arms, pairs: Pairs) -> Pairs:
    return _of(pairs, _is_whole(arms, pairs))


def _is_whole(arms: Arms, pairs: Pairs) -> np.ndarray:
    """Tell which pairs are of everybody, not of a segment."""
    return texts(arms.rows, "segment_dimension")[pairs.treated] == "all"


def _of(pairs: Pairs, chosen: np.ndarray) -> Pairs:
    return Pairs(*(column[chosen] for column in pairs))
