-- Do two methods divide customers alike?
with

memberships as (
    select * from {{ ref('customer_clusterings') }}
),

contingency as (
    select
        one.method,
        other.method as other_method,
        one.segment_id,
        other.segment_id as other_segment_id,
        count(*) as customer_count
    from memberships as one
    inner join memberships as other
        on one.customer_id = other.customer_id and one.method < other.method
    group by one.method, other.method, one.segment_id, other.segment_id
),

sizes as (
    select
        method,
        other_method,
        'both' as put_together_by,
        customer_count
    from contingency
    union all
    select
        method,
        other_method,
        'one' as put_together_by,
        sum(customer_count) as customer_count
    from contingency
    group by method, other_method, segment_id
    union all
    select
        method,
        other_method,
        'other' as put_together_by,
        sum(customer_count) as customer_count
    from contingency
    group by method, other_method, other_segment_id
),

paired as (
    select
        method,
        other_method,
        put_together_by,
        cast(customer_count as double) as customer_count,
        cast(customer_count as double) * (customer_count - 1) / 2 as pair_count
    from sizes
),

together as (
    select
        method,
        other_method,
        sum(customer_count) filter (where put_together_by = 'one') as customer_count,
        sum(pair_count) filter (where put_together_by = 'both') as both_pairs,
        sum(pair_count) filter (where put_together_by = 'one') as one_pairs,
        sum(pair_count) filter (where put_together_by = 'other') as other_pairs
    from paired
    group by method, other_method
),

expected as (
    select
        together.*,
        (one_pairs + other_pairs) / 2 as most_pairs,
        one_pairs * other_pairs
        / nullif(customer_count * (customer_count - 1) / 2, 0) as chance_pairs
    from together
),

segment_agreement as (
    select
        method,
        other_method,
        cast(customer_count as bigint) as customer_count,
        -- All in one segment, or each in one of their own, by both: the same.
        round(
            coalesce(
                (both_pairs - chance_pairs) / nullif(most_pairs - chance_pairs, 0), 1
            ),
            6
        ) as adjusted_rand_index
    from expected
)

select * from segment_agreement
