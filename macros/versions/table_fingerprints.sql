{#
    What each of some tables holds, in one short text: table_name, fingerprint. `inputs`
    is a list of lists of names, in which one may come several times.
#}
{% macro table_fingerprints(inputs) -%}
    {% for name in inputs | sum(start=[]) | unique | sort -%}
        select
            '{{ name }}' as table_name,
            {{ table_fingerprint() }} as fingerprint
        from {{ ref(name) }} as contents
        {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
