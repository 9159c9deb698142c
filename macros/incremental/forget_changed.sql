{#
    For the pre-hook of a model that selects `not_yet_made`: deletes the rows of which the
    fingerprint is no longer one of the model `fingerprints`, because the days or the
    customers' histories that they are made of have changed.
#}
{% macro forget_changed(fingerprints, column) -%}
    {%- set is_changed -%}
        not exists (
            select 1
            from {{ ref(fingerprints) }} as fingerprints
            where fingerprints.{{ column }} = {{ this.identifier }}.{{ column }}
        )
    {%- endset -%}
    {{ forget_rows(is_changed) }}
{%- endmacro %}
