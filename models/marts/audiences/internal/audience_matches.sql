-- Of which customers do all conditions of an audience hold today?
{% set columns = audience_columns() %}
with

customers as (
    select * from {{ ref('customer_360') }}
),

conditions as (
    select
        audience_id,
        column_name,
        operator,
        value,
        try_cast(value as double) as number_value
    from {{ ref('audience_conditions') }}
),

-- What each condition looks at: a number, or a text that is in order as its dates are.
looked_at as (
    select
        conditions.*,
        customers.customer_id,
        case conditions.column_name
            {% for name, kind in columns.items() if kind == 'number' -%}
                when '{{ name }}' then cast(customers.{{ name }} as double)
            {% endfor %}
        end as number_seen,
        case conditions.column_name
            {% for name, kind in columns.items() if kind == 'date' -%}
                when '{{ name }}'
                    then cast(cast(customers.{{ name }} as date) as string)
            {% endfor -%}
            {% for name, kind in columns.items() if kind in ['text', 'boolean'] -%}
                when '{{ name }}' then cast(customers.{{ name }} as string)
            {% endfor %}
        end as text_seen
    from customers
    cross join conditions
),

compared as (
    select
        looked_at.*,
        number_seen is not null or text_seen is not null as is_seen,
        case
            when number_seen < number_value or text_seen < value then -1
            when number_seen > number_value or text_seen > value then 1
            when number_seen = number_value or text_seen = value then 0
        end as difference,
        instr('|' || value || '|', '|' || text_seen || '|') > 0 as is_listed
    from looked_at
),

judged as (
    select
        audience_id,
        customer_id,
        coalesce(
            case operator
                when 'is empty' then not is_seen
                when 'is not empty' then is_seen
                when 'in' then is_listed
                when 'not in' then not is_listed
                when '=' then difference = 0
                when '<>' then difference <> 0
                when '<' then difference < 0
                when '<=' then difference <= 0
                when '>' then difference > 0
                when '>=' then difference >= 0
            end,
            false
        ) as holds
    from compared
),

audience_matches as (
    select
        audience_id,
        customer_id
    from judged
    group by audience_id, customer_id
    having bool_and(holds)
)

select * from audience_matches
