{# A relation of the files of one raw table in a folder, or none. #}
{% macro input_files(table_name, folder) %}
    {% set stem = folder ~ '/' ~ table_name %}
    {% set places = [] %}
    {% for place in [
        stem ~ '.parquet', stem ~ '.csv', stem ~ '.csv.gz',
        stem ~ '/**/*.parquet', stem ~ '/**/*.csv', stem ~ '/**/*.csv.gz',
    ] %}
        {% if has_files(place) %}{% do places.append(place) %}{% endif %}
    {% endfor %}
    {% if places | length > 1 %}
        {{ exceptions.raise_compiler_error(
            'raw_' ~ table_name ~ ': expected one place to read from, found '
            ~ places | join(' and ') ~ '. Keep one of them.'
        ) }}
    {% endif %}
    {{ return(read_files(places[0]) if places else none) }}
{% endmacro %}
