"""Frequentist results: every method that fits a metric, corrected for their number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from mercato.experiments.comparisons import Comparison, result_columns
from mercato.experiments.contingency import MONTE_CARLO_SAMPLES, chi_square_results
from mercato.experiments.covariates import cuped
from mercato.experiments.dunnett import dunnett
from mercato.experiments.effects import check_level
from mercato.experiments.means import mean_estimates, welch, welch_anova_results
from mercato.experiments.multiplicity import benjamini_hochberg, family_sizes, holm
from mercato.experiments.proportions import two_proportions
from mercato.experiments.quantiles import order_statistics
from mercato.experiments.ratios import delta, ratio_estimates
from mercato.experiments.results import RESULTS_SCHEMA, combined, of_pairs
from mercato.experiments.statistics import (
    KEYS,
    MEANS,
    PROPORTIONS,
    Arms,
    Pairs,
    group_numbers,
    numbers,
    only,
    pair,
    read_arms,
    texts,
)


class Options(NamedTuple):
    """How to test: see frequentist_results."""

    seed: int
    confidence_level: float
    monte_carlo_samples: int


class _Analysis(NamedTuple):
    """All tests of metrics of one kind.

    is_default holds for each comparison which of its pairs (k,) it is the default of.
    """

    all_variants: pa.Table
    comparisons: list[Comparison]
    is_default: list[np.ndarray]


def frequentist_results(
    statistics: pa.Table,
    *,
    seed: int,
    confidence_level: float = 0.95,
    monte_carlo_samples: int = MONTE_CARLO_SAMPLES,
) -> pa.Table:
    """Test every experiment, metric and segment; rows of RESULTS_SCHEMA, sorted.

    statistics is of STATISTICS_SCHEMA. Rows 'all variants' ask whether any variant
    differs, rows 'variant vs control' by how much each does, by every method that fits
    the kind of the metric:

    - proportion, retention: two_proportion or fisher_exact, cuped; chi_square
    - count, mean: welch, cuped; welch_anova
    - ratio: delta, cuped; welch_anova
    - quantile: order_statistics

    One row of each variant beside its control is_default: cuped where the covariate
    explains something of a count, mean or ratio, else the first named.

    holm_p_value and dunnett_p_value hold over the variants, holm_p_value also over the
    values of a segment dimension; correction_scope says so and family_size is the
    number of tests. benjamini_hochberg_p_value holds over the metrics and variants of
    an experiment: default rows of the segment 'all'.

    Raises ValueError where confidence_level is not between 0 and 1, monte_carlo_samples
    is below 1, and as read_arms and conversions do.
    """
    check_level("confidence_level", confidence_level)
    options = Options(seed, confidence_level, monte_carlo_samples)
    tables = []
    for kinds, analyse in _ANALYSES:
        arms = read_arms(only(statistics, kinds))
        pairs = pair(arms)
        analysis = analyse(arms, pairs, options)
        tables.append(analysis.all_variants)
        for comparison, is_default in zip(
            analysis.comparisons, analysis.is_default, strict=True
        ):
            columns = result_columns(comparison, confidence_level)
            columns |= _corrected(arms, pairs, comparison, columns)
            columns["is_default"] = is_default
            tables.append(of_pairs(arms, pairs, columns))
    return _with_false_discovery_rates(combined(tables))


def _proportions(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    plain = two_proportions(arms, pairs, options.confidence_level)
    overall = chi_square_results(
        arms, seed=options.seed, monte_carlo_samples=options.monte_carlo_samples
    )
    is_default = np.ones(len(plain.status), dtype=bool)
    return _Analysis(overall, [plain, cuped(arms, pairs)], [is_default, ~is_default])


def _means(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    overall = welch_anova_results(
        arms, *mean_estimates(arms), "any difference of means"
    )
    return _adjusted_where_it_helps(overall, welch(arms, pairs), cuped(arms, pairs))


def _ratios(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    overall = welch_anova_results(
        arms, *ratio_estimates(arms), "any difference of ratios of sums"
    )
    adjusted = cuped(arms, pairs, is_ratio=True)
    return _adjusted_where_it_helps(overall, delta(arms, pairs), adjusted)


def _quantiles(arms: Arms, pairs: Pairs, options: Options) -> _Analysis:
    plain = order_statistics(arms, pairs)
    return _Analysis(
        RESULTS_SCHEMA.empty_table(), [plain], [np.ones(len(plain.status), dtype=bool)]
    )


_ANALYSES = (
    (PROPORTIONS, _proportions),
    (MEANS, _means),
    (("ratio",), _ratios),
    (("quantile",), _quantiles),
)


def _adjusted_where_it_helps(
    overall: pa.Table, plain: Comparison, adjusted: Comparison
) -> _Analysis:
    reduction = np.nan_to_num(adjusted.columns["variance_reduction"])
    helps = (adjusted.status == "ok") & (reduction > 0)
    return _Analysis(overall, [plain, adjusted], [~helps, helps])


def _corrected(
    arms: Arms, pairs: Pairs, comparison: Comparison, columns: dict
) -> dict[str, np.ndarray]:
    """Correct the p-values of one method within each metric and segment dimension."""
    dimension = group_numbers(arms.rows, KEYS[:3])[pairs.treated]
    names = texts(arms.rows, "segment_dimension")[pairs.treated]
    scopes = {name: f"variants and values of {name}" for name in set(names)}
    scopes["all"] = "variants"
    p_value = columns["p_value"]
    tested = ~np.isnan(p_value)
    scope = np.array([scopes[name] for name in names], dtype=object)
    estimates = comparison.estimates.where(tested)
    return {
        "holm_p_value": holm(p_value, dimension),
        "family_size": np.where(
            tested, family_sizes(p_value, dimension).astype(float), np.nan
        ),
        "correction_scope": np.where(tested, scope, None),
        "dunnett_p_value": dunnett(
            columns["statistic"],
            estimates.degrees_of_freedom,
            estimates.variance,
            estimates.control_variance,
            arms.group[pairs.treated],
        ),
    }


def _with_false_discovery_rates(rows: pa.Table) -> pa.Table:
    """Fill Benjamini-Hochberg in, over the default rows of each experiment."""
    p_value = numbers(rows, "p_value")
    counted = rows["is_default"].to_numpy() & (texts(rows, "segment_value") == "all")
    adjusted = benjamini_hochberg(
        np.where(counted, p_value, np.nan), group_numbers(rows, KEYS[:1])
    )
    place = rows.schema.get_field_index("benjamini_hochberg_p_value")
    column = pa.array(adjusted, mask=np.isnan(adjusted))
    return rows.set_column(place, rows.schema.field(place), column)
