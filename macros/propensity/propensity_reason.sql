{#
    A reason in words, such as `raised by days since the last order: 3`; null where there
    is none. The rank-th feature of a model stands in the table named, its value in the
    table `features`.
#}
{% macro propensity_reason(model, rank) -%}
    case
        when {{ model }}.contribution_{{ rank }} > 0 then 'raised by '
        when {{ model }}.contribution_{{ rank }} < 0 then 'lowered by '
    end
    || case {{ model }}.feature_name_{{ rank }}
        {%- for name, (words, decimals) in propensity_features().items() %}
            when '{{ name }}'
                then '{{ words }}: ' || coalesce(
                    cast(
                        cast(features.{{ name }} as decimal(18, {{ decimals }}))
                        as string
                    ),
                    'not known'
                )
        {%- endfor %}
    end
{%- endmacro %}
