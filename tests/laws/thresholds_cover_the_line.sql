-- The ranges of each measure join without a gap or an overlap, from no bound to none.
with

in_a_row as (
    select
        measure,
        lower_bound,
        upper_bound,
        row_number() over (
            partition by measure
            order by
                coalesce(lower_bound, cast('-infinity' as double)),
                coalesce(upper_bound, cast('infinity' as double))
        ) as position,
        lead(lower_bound) over (
            partition by measure
            order by
                coalesce(lower_bound, cast('-infinity' as double)),
                coalesce(upper_bound, cast('infinity' as double))
        ) as next_lower_bound
    from {{ ref('feat_rfm__thresholds') }}
)

select *
from in_a_row
where
    (position = 1 and lower_bound is not null)
    or upper_bound is distinct from next_lower_bound
