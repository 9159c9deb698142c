{#
    accepted, duplicate (an earlier row says exactly the same) or quarantined (a rule is
    broken, or another row has the same key and says something else), over the columns
    `rejection_reasons` and `row_content`.
#}
{% macro row_status(key) -%}
    {%- set same_key -%}
        partition by {{ key | join(', ') }}, rejection_reasons is null
        order by row_content
    {%- endset -%}
    {#- Spark lets no frame be given to row_number. -#}
    {%- set all_rows = 'rows between unbounded preceding and unbounded following' -%}
    case
        when rejection_reasons is not null then 'quarantined'
        when
            min(row_content) over ({{ same_key }} {{ all_rows }})
            <> max(row_content) over ({{ same_key }} {{ all_rows }})
            then 'quarantined'
        when row_number() over ({{ same_key }}) > 1 then 'duplicate'
        else 'accepted'
    end
{%- endmacro %}
