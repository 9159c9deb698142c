{# Whether a path names files; a `**` in it stands for folders at any depth. #}
{% macro has_files(path) %}{{ return(adapter.dispatch('has_files')(path)) }}{% endmacro %}

{% macro spark__has_files(path) %}
    {% set folder, _, pattern = path.partition('/**/') %}
    {{ return(adapter.has_files(folder, pattern or '*')) }}
{% endmacro %}

{% macro duckdb__has_files(path) %}
    {% set found = run_query(
        "select count(*) from glob('" ~ path | replace("'", "''") ~ "')"
    ) %}
    {{ return(found.columns[0].values()[0] > 0) }}
{% endmacro %}
