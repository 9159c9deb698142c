{# A version is its model, parameters, input and code, in one short text. #}
{% macro version_id() -%}
    md5(concat_ws(
        chr(31), model_name, parameters, input_fingerprint, code_fingerprint
    ))
{%- endmacro %}
