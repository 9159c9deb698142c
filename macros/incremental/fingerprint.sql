{#
    What rows are made of, as a number: a text that tells their contents, such as that of
    `table_fingerprint`, and the checksums and settings that rule what is made of them.
#}
{% macro fingerprint(contents, codes) -%}
    {{ number_of_text(contents ~ " || '" ~ codes | join(' ') ~ "'") }}
{%- endmacro %}
