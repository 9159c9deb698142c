"""tea-tasting over a table of units, which SQL makes from exposures and events."""

from pathlib import Path
from typing import Any

import duckdb
import ibis
import tea_tasting

from benchmarks.experiment_rivals.metrics import (
    BATCH,
    Costs,
    Metric,
    Term,
    read_metrics,
    terms_of,
)

_SETTINGS = {"threads": 2, "memory_limit": "3GB", "preserve_insertion_order": False}


def run(folder: Path, output: Path, costs: Costs) -> list[dict[str, Any]]:
    """Return effects and p-values of all experiments, adjusted by the covariates."""
    metrics = read_metrics(folder)
    file = output / "units.duckdb"
    file.unlink(missing_ok=True)
    with (
        costs.of("unit-level table"),
        duckdb.connect(str(file), config=_SETTINGS) as db,
    ):
        db.execute("set enable_progress_bar = false")
        experiments = _make_units(db, folder, metrics)
    with costs.of("tests"):
        backend = ibis.duckdb.connect(str(file), **_SETTINGS)
        units = backend.table("metrics_of_units")
        experiment = tea_tasting.Experiment(
            {metric.name: _tea_metric(metric) for metric in metrics}
        )
        return [row for name in experiments for row in _tested(experiment, units, name)]


def _tea_metric(metric: Metric) -> tea_tasting.metrics.MetricBase:
    y, d, x, w = (f"{metric.name}_{part}" for part in "ydxw")
    if metric.kind == "ratio":
        return tea_tasting.RatioOfMeans(y, d, x, w)
    return tea_tasting.Mean(y, x)


def _tested(
    experiment: tea_tasting.Experiment, units: ibis.expr.types.Table, experiment_id: str
) -> list[dict[str, Any]]:
    some = units.filter(units.experiment_id == experiment_id)
    results = experiment.analyze(some, "a", all_variants=True)
    return [
        {
            "experiment_id": experiment_id,
            "metric_id": metric_id,
            "variant": variant,
            "method": "cuped",
            "effect": found.effect_size,
            "p_value": found.pvalue,
        }
        for (_, variant), result in results.items()
        for metric_id, found in result.items()
    ]


def _make_units(
    db: duckdb.DuckDBPyConnection, folder: Path, metrics: list[Metric]
) -> list[str]:
    """Write the units and their terms, a batch of experiments after another."""
    terms = terms_of(metrics)
    db.execute(
        f"""
        create temp table exposed as
        select experiment_id, customer_id, min(exposed_at) as exposed_at,
            arg_min(variant, exposed_at) as variant
        from '{folder}/experiment_exposures.parquet'
        inner join (
            select distinct experiment_id, started_at, ended_at
            from '{folder}/experiments.parquet'
        ) using (experiment_id)
        group by experiment_id, customer_id, started_at, ended_at
        having min(exposed_at) >= started_at and min(exposed_at) < ended_at
        """
    )
    columns = ", ".join(f"{term.column} double" for term in terms)
    db.execute(f"create table units (experiment_id text, variant text, {columns})")
    found = db.execute("select distinct experiment_id from exposed order by all")
    experiments = [name for (name,) in found.fetchall()]
    for start in range(0, len(experiments), BATCH):
        batch = experiments[start : start + BATCH]
        db.execute(_batch_query(folder, terms), {"first": batch[0], "last": batch[-1]})
    db.execute(_limits_query(metrics))
    db.execute(_metrics_query(metrics))
    return experiments


def _batch_query(folder: Path, terms: list[Term]) -> str:
    first_day = min(term.first_day for term in terms)
    end_day = max(term.end_day for term in terms)
    columns = ",\n".join(f"{_sum_of(term)} as {term.column}" for term in terms)
    return f"""
        insert into units
        select experiment_id, variant, {columns}
        from exposed
        left join '{folder}/events.parquet' as events
            on exposed.customer_id = events.customer_id
            and occurred_at >= exposed_at + to_days({first_day})
            and occurred_at < exposed_at + to_days({end_day})
        where experiment_id between $first and $last
        group by experiment_id, variant, exposed.customer_id
        order by experiment_id
        """


def _sum_of(term: Term) -> str:
    value = term.value_column or "1"
    return f"""
        coalesce(sum({value}) filter (
            where event_type = '{term.outcome}'
            and occurred_at >= exposed_at + to_days({term.first_day})
            and occurred_at < exposed_at + to_days({term.end_day})
        ), 0)"""


def _limits_query(metrics: list[Metric]) -> str:
    """Return the winsorising limits of each experiment, over units that are not 0."""
    columns = "".join(
        f", quantile_disc({metric.y.column}, {metric.winsorise_quantile}) "
        f"filter (where {metric.y.column} <> 0) as {metric.name}"
        for metric in metrics
        if metric.winsorise_quantile
    )
    return f"""
        create table limits as
        select experiment_id{columns} from units group by experiment_id
        """


def _metrics_query(metrics: list[Metric]) -> str:
    columns = [
        f"{_limited(metric, part, term)} as {metric.name}_{part}"
        for metric in metrics
        for part, term in zip("yxdw", metric[3:], strict=True)
        if term is not None
    ]
    return f"""
        create view metrics_of_units as
        select experiment_id, variant, {", ".join(columns)}
        from units inner join limits using (experiment_id)
        """


def _limited(metric: Metric, part: str, term: Term) -> str:
    if metric.kind == "proportion":
        return f"least({term.column}, 1)"
    if metric.winsorise_quantile and part in "yx":
        return f"least({term.column}, limits.{metric.name})"
    return term.column
