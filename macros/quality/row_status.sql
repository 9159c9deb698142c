{#
    accepted, duplicate (an earlier row says exactly the same) or quarantined (a rule is
    broken, or another row has the same key and says something else), over the columns
    `rejection_reasons` and `row_content`.
#}
{% macro row_status(key) -%}
    {%- set same_key -%}
        over (
            partition by {{ key | join(', ') }}, rejection_reasons is null
            order by row_content
            rows between unbounded preceding and unbounded following
        )
    {%- endset -%}
    case
        when rejection_reasons is not null then 'quarantined'
        when min(row_content) {{ same_key }} <> max(row_content) {{ same_key }}
            then 'quarantined'
        when row_number() {{ same_key }} > 1 then 'duplicate'
        else 'accepted'
    end
{%- endmacro %}
