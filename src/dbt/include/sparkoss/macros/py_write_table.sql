{# What runs a Python model: its code as dbt compiled it, then two lines of ours. #}
{% macro py_write_table(compiled_code, target_relation) -%}
{{ compiled_code }}
from dbt.adapters.sparkoss.python_models import save
save(
    spark,
    model(dbtObj(spark.table), spark),
    "{{ target_relation }}",
    "{{ config.get('file_format', 'parquet') }}",
)
{%- endmacro %}
