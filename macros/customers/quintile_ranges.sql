{#
    Five ranges over the whole line from bound_1 to bound_4, one row per row of the
    relation and score. They hold their upper bound: where most customers share the
    lowest value, they share the lowest score. A low recency is the best one.
#}
{% macro quintile_ranges(relation, keys) -%}
    {% for position in range(1, 6) -%}
        select
            {{ keys | join(', ') }},
            cast(
                case
                    when measure = 'recency' then {{ 6 - position }}
                    else {{ position }}
                end as bigint
            ) as score,
            {{ 'bound_' ~ (position - 1) if position > 1
                else 'cast(null as double)' }} as lower_bound,
            {{ 'bound_' ~ position if position < 5
                else 'cast(null as double)' }} as upper_bound
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
{%- endmacro %}
