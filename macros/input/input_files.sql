{# A table function over the files of one raw table in a folder, or none. #}
{% macro duckdb__input_files(table_name, folder) %}
    {% set stem = (folder ~ '/' ~ table_name) | replace("'", "''") %}
    {% set patterns = [] %}
    {% for pattern in [
        stem ~ '.parquet', stem ~ '.csv', stem ~ '.csv.gz',
        stem ~ '/**/*.parquet', stem ~ '/**/*.csv', stem ~ '/**/*.csv.gz',
    ] %}
        {% set found = run_query("select count(*) from glob('" ~ pattern ~ "')") %}
        {% if found.columns[0].values()[0] > 0 %}{% do patterns.append(pattern) %}{% endif %}
    {% endfor %}
    {% if patterns | length > 1 %}
        {{ exceptions.raise_compiler_error(
            'raw_' ~ table_name ~ ': expected one place to read from, found '
            ~ patterns | join(' and ') ~ '. Keep one of them.'
        ) }}
    {% elif not patterns %}
        {{ return(none) }}
    {% elif patterns[0].endswith('.parquet') %}
        {{ return("read_parquet('" ~ patterns[0] ~ "', union_by_name = true)") }}
    {% else %}
        {{ return(
            "read_csv('" ~ patterns[0] ~ "', header = true, all_varchar = true,"
            ~ " union_by_name = true, quote = '\"', escape = '\"',"
            ~ " encoding = '" ~ var('csv_encoding') ~ "')"
        ) }}
    {% endif %}
{% endmacro %}
