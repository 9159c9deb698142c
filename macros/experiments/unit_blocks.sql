{#
    Conditions on unit_number that part the units of all experiments into blocks, each
    small enough to be sorted and joined in memory.
#}
{% macro unit_blocks(units) %}
    {% set block_units = var('experiment_block_units') | int %}
    {% set last_unit = run_query(
        'select max(unit_number) from ' ~ units
    ).columns[0].values()[0] if execute and load_relation(units) %}
    {% set blocks = [] %}
    {% for first_unit in range(1, (last_unit or 1) + 1, block_units) %}
        {% do blocks.append(
            'unit_number between ' ~ first_unit
            ~ ' and ' ~ (first_unit + block_units - 1)
        ) %}
    {% endfor %}
    {{ return(blocks) }}
{% endmacro %}
