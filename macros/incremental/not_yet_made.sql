{#
    The rows of a model of fingerprints of which an incremental table holds nothing, or
    all of them where it is made anew: for a model that stores the fingerprint with each
    of its rows.
#}
{% macro not_yet_made(fingerprints, column) -%}
    select * from {{ ref(fingerprints) }} as fingerprints
    {%- if is_incremental() %}
        where not exists (
            select 1
            from {{ this }} as made
            where made.{{ column }} = fingerprints.{{ column }}
        )
    {%- endif -%}
{%- endmacro %}
