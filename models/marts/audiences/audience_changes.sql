-- Who entered or left which audience on which day?
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_from_today(this) }}",
    post_hook="{{ forget_erased(this) }}",
) }}
with

matches as (
    select * from {{ ref('audience_matches') }}
),

as_of as (
    select * from {{ ref('as_of') }}
),

before as (
    {% if is_incremental() -%}
        select
            audience_id,
            customer_id
        from {{ this }}
        group by audience_id, customer_id
        having sum(case when change = 'entered' then 1 else -1 end) > 0
    {%- else -%}
        select
            audience_id,
            customer_id
        from matches
        where false
    {%- endif %}
),

changed as (
    select
        matches.audience_id,
        matches.customer_id,
        'entered' as change
    from matches
    where
        not exists (
            select 1 from before
            where
                before.audience_id = matches.audience_id
                and before.customer_id = matches.customer_id
        )
    union all
    select
        before.audience_id,
        before.customer_id,
        'left' as change
    from before
    where
        not exists (
            select 1 from matches
            where
                before.audience_id = matches.audience_id
                and before.customer_id = matches.customer_id
        )
),

audience_changes as (
    select
        changed.audience_id,
        changed.customer_id,
        changed.change,
        as_of.as_of_date as changed_date
    from changed
    cross join as_of
)

select * from audience_changes
