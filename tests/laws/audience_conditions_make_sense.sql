-- Each audience can be told as it is written; `problem` says why not.
{% set columns = audience_columns() %}
with

conditions as (
    select
        audience_id,
        nullif(column_name, '') as column_name,
        nullif(operator, '') as operator,
        nullif(value, '') as value
    from {{ ref('audience_conditions') }}
),

audiences as (
    select * from {{ ref('audiences') }}
),

kinds as (
    select
        conditions.*,
        audiences.audience_id as known_audience_id,
        case conditions.column_name
            {% for name, kind in columns.items() -%}
                when '{{ name }}' then '{{ kind }}'
            {% endfor %}
        end as kind
    from conditions
    left join audiences on conditions.audience_id = audiences.audience_id
),

problems as (
    select
        audience_id,
        column_name,
        case
            when known_audience_id is null then 'audience_id is not in audiences'
            when kind is null
                then 'customer_360 has no column ' || coalesce(column_name, '(empty)')
            when
                coalesce(operator, '') not in (
                    '=', '<>', '<', '<=', '>', '>=',
                    'in', 'not in', 'is empty', 'is not empty'
                )
                then 'operator is not known: ' || coalesce(operator, '(empty)')
            when operator in ('is empty', 'is not empty') and value is not null
                then 'value must be empty for ' || operator
            when operator not in ('is empty', 'is not empty') and value is null
                then 'value is missing'
            when operator in ('in', 'not in') and kind <> 'text'
                then operator || ' is for texts only'
            when operator in ('<', '<=', '>', '>=') and kind not in ('number', 'date')
                then operator || ' is for numbers and dates only'
            when
                kind = 'number' and value is not null
                and try_cast(value as double) is null
                then 'value is no number: ' || value
            when
                kind = 'date' and value is not null
                and coalesce(cast(try_cast(value as date) as string), '') <> value
                then 'value is no date such as 2024-12-31: ' || value
            when kind = 'boolean' and value not in ('true', 'false')
                then 'value must be true or false: ' || value
        end as problem
    from kinds
    union all
    select
        audience_id,
        cast(null as string) as column_name,
        'no condition in audience_conditions' as problem
    from audiences
    where audience_id not in (select audience_id from conditions)
)

select * from problems
where problem is not null
