"""The similarities of mercato.similarity in SQL, for more than one process holds.

DuckDB and Spark read the same text and mean the same by it. A table of entries is
joined with itself by attribute, which an engine spreads over its machines; no entity's
row and no attribute's column has to fit anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mercato import engine
from mercato.attributes import SMALLEST_UNIT
from mercato.comoments import LEAST_ANGLE, LEAST_VARIANCE, SCORE_DECIMALS
from mercato.similarity import check_limits, check_shrinkage

# What a metric makes of the sums over common attributes, n being their number.
RAW = {
    "cosine": "cosine",
    "euclidean": """
                1 / (1 + sqrt(
                    power(entity_length - neighbour_length, 2)
                    + 2 * entity_length * neighbour_length * angle
                ))""",
    "pearson": f"""
                case
                    when
                        n >= 2
                        and entity_variance > {LEAST_VARIANCE} * n * entity_squares
                        and neighbour_variance
                        > {LEAST_VARIANCE} * n * neighbour_squares
                        then greatest(-1, least(1, (
                            n * dot - entity_sum * neighbour_sum
                        ) / (sqrt(entity_variance) * sqrt(neighbour_variance))))
                end""",
}
# What only correlations need of the common attributes, and what is made of it.
MOMENTS = """
        sum(entity.unit) as entity_sum,
        sum(neighbour.unit) as neighbour_sum,
        sum(entity.unit * entity.unit) as entity_squares,
        sum(neighbour.unit * neighbour.unit) as neighbour_squares,"""
VARIANCES = """
        n * entity_squares - entity_sum * entity_sum as entity_variance,
        n * neighbour_squares - neighbour_sum * neighbour_sum as neighbour_variance,"""


def neighbours(
    session: Any,
    source: str,
    *,
    top_k: int,
    shrinkage: Mapping[str, float],
    max_pairs: int = 2_000_000_000,
    max_counted_pairs: int = 100_000_000,
    above: float = -np.inf,
) -> Any:
    """Find each entity's top_k most similar other entities by one or more metrics.

    source is a table or view of the session with entity_index, attribute_index and
    weight, each pair once and each weight finite. All else is as in
    mercato.similarity.neighbours, and so are the columns of the relation returned,
    which has no order. Engines add in any order: where a score lies in the middle
    between two numbers of 8 decimals, it may be rounded to either.

    Raises ValueError where an argument other than the entries is refused there.
    """
    check_limits(top_k, max_pairs=max_pairs, max_counted_pairs=max_counted_pairs)
    check_shrinkage(shrinkage, above)
    counted = {m: s for m, s in shrinkage.items() if s > 0 or m != "cosine"}
    queries = []
    if counted:
        cap, suffix = _cap(session, source, max_counted_pairs)
        queries.append(pairs_query(source, counted, top_k, above, cap, suffix))
    if "cosine" in shrinkage.keys() - counted.keys():
        cap, suffix = _cap(session, source, max_pairs)
        # Without a cap the counts are those over all attributes anyway.
        query = pairs_query(source, {"cosine": 0}, top_k, max(above, 0), cap, suffix)
        queries.append(_counted_over_all(source, query) if suffix else query)
    return session.sql("\nunion all\n".join(f"select * from ({q})" for q in queries))


def _cap(session: Any, source: str, max_pairs: int) -> tuple[int, str]:
    """Find the largest cap within max_pairs, and what to add to a method's name."""
    found = engine.to_arrow(session.sql(cap_query(source, max_pairs))).to_pylist()[0]
    cap = found["cap"]
    return cap, "" if cap >= found["largest"] else f"_capped_at_{cap}"


def cap_query(source: str, max_pairs: int) -> str:
    """Ask for the largest cap whose multiply-adds max_pairs allows.

    The one row has cap and largest, the most entities that an attribute has; see
    mercato.attributes.largest_cap.
    """
    return f"""
with

attributes as (
    select attribute_index, count(*) as entity_count
    from {source}
    where weight > 0
    group by attribute_index
),

histogram as (
    select
        entity_count,
        count(*) * cast(entity_count as double) * entity_count as pair_count
    from attributes
    group by entity_count
),

cumulated as (
    select
        entity_count,
        sum(pair_count) over (order by entity_count) as pair_count
    from histogram
)

select
    coalesce(max(case when pair_count <= {max_pairs} then entity_count end), 0) as cap,
    coalesce(max(entity_count), 0) as largest
from cumulated
"""


def pairs_query(
    source: str,
    shrinkage: Mapping[str, float],
    top_k: int,
    above: float,
    cap: int,
    suffix: str,
) -> str:
    """Ask for the best pairs by metrics that share a cap, as in SIMILARITIES_SCHEMA."""
    return f"""
with

{_units(source)},

{_measures(cap, with_moments="pearson" in shrinkage)},

{_scores(shrinkage)},

ranked as (
    select
        *,
        row_number() over (
            partition by metric, entity_index
            order by score desc, neighbour_index
        ) as neighbour_rank
    from scores
    where score > cast('{above}' as double)
)

select
    entity_index,
    neighbour_index,
    metric,
    cast(neighbour_rank as int) as neighbour_rank,
    score,
    unshrunk_score,
    cast(n as int) as common_count,
    metric || '{suffix}' as method
from ranked
where neighbour_rank <= {top_k}
"""


def _units(source: str) -> str:
    """Scale rows to length 1, first by their maximum so that no square overflows."""
    return f"""shares as (
    select
        entity_index,
        attribute_index,
        count(*) over (partition by attribute_index) as entity_count,
        max(weight) over (partition by entity_index) as largest_weight,
        weight / max(weight) over (partition by entity_index) as share
    from {source}
    where weight > 0
),

norms as (
    select
        *,
        sqrt(sum(share * share) over (partition by entity_index)) as norm
    from shares
),

units as (
    select
        entity_index,
        attribute_index,
        entity_count,
        norm * largest_weight as length,
        greatest(share / norm, {SMALLEST_UNIT}) as unit
    from norms
)"""


def _measures(cap: int, *, with_moments: bool) -> str:
    """Sum over what two entities have in common; as all is symmetric, once a pair."""
    return f"""shared as (
    select * from units where entity_count <= {cap}
),

sums as (
    select
        entity.entity_index,
        neighbour.entity_index as neighbour_index,
        max(entity.length) as entity_length,
        max(neighbour.length) as neighbour_length,{MOMENTS if with_moments else ""}
        sum(entity.unit * neighbour.unit) as dot,
        cast(count(*) as double) as n
    from shared as entity
    inner join shared as neighbour
        on
            entity.attribute_index = neighbour.attribute_index
            and entity.entity_index < neighbour.entity_index
    group by entity.entity_index, neighbour.entity_index
),

measures as (
    select
        *,{VARIANCES if with_moments else ""}
        least(dot, 1) as cosine,
        case when 1 - dot < {LEAST_ANGLE} then 0 else 1 - dot end as angle
    from sums
)"""


def _scores(shrinkage: Mapping[str, float]) -> str:
    """Make of each pair's sums a row for each metric and direction."""
    metrics = ", ".join(
        f"('{metric}', cast({shrink!r} as double))"
        for metric, shrink in shrinkage.items()
    )
    cases = "".join(
        f"\n            when metrics.metric = '{metric}' then {RAW[metric]}"
        for metric in shrinkage
    )
    return f"""metrics as (
    select * from (values {metrics}) as metrics (metric, shrinkage)
),

directions as (
    select * from (values (false), (true)) as directions (is_reversed)
),

raw as (
    select
        case when is_reversed then neighbour_index else entity_index end
            as entity_index,
        case when is_reversed then entity_index else neighbour_index end
            as neighbour_index,
        metrics.metric,
        n,
        n / (n + metrics.shrinkage) as reliability,
        case{cases}
        end as unshrunk_score
    from measures
    cross join metrics
    cross join directions
),

scores as (
    select
        entity_index,
        neighbour_index,
        metric,
        n,
        round(unshrunk_score * reliability, {SCORE_DECIMALS}) + 0e0 as score,
        round(unshrunk_score, {SCORE_DECIMALS}) + 0e0 as unshrunk_score
    from raw
)"""


def _counted_over_all(source: str, query: str) -> str:
    """Count what the pairs of a query have in common, above the cap too."""
    return f"""
with

pairs as (
    select * from ({query})
),

entries as (
    select entity_index, attribute_index from {source} where weight > 0
),

counts as (
    select
        pairs.entity_index,
        pairs.neighbour_index,
        cast(count(*) as int) as common_count
    from pairs
    inner join entries on pairs.entity_index = entries.entity_index
    inner join entries as others
        on
            pairs.neighbour_index = others.entity_index
            and entries.attribute_index = others.attribute_index
    group by pairs.entity_index, pairs.neighbour_index
)

select
    pairs.entity_index,
    pairs.neighbour_index,
    pairs.metric,
    pairs.neighbour_rank,
    pairs.score,
    pairs.unshrunk_score,
    counts.common_count,
    pairs.method
from pairs
inner join counts
    on
        pairs.entity_index = counts.entity_index
        and pairs.neighbour_index = counts.neighbour_index
"""
