{#
    Conditions on experiment_id and unit_number that part the units of all experiments
    into blocks, each small enough to be sorted and joined in memory: one of several
    experiments, or a share of a large one.
#}
{% macro unit_blocks(arrivals) %}
    {% set block_units = var('experiment_block_units') | int %}
    {% set experiments = run_query(
        'select experiment_id, cast(sum(unit_count) as bigint) from ' ~ arrivals
        ~ ' group by experiment_id order by experiment_id'
    ).rows if execute and load_relation(arrivals) else [] %}
    {% set blocks = [] %}
    {% set block = namespace(first_id=none, last_id=none, unit_count=0) %}
    {% for experiment_id, unit_count in experiments %}
        {% if block.unit_count and block.unit_count + unit_count > block_units %}
            {% do blocks.extend(shares_of_block(block, block_units)) %}
            {% set block.unit_count = 0 %}
        {% endif %}
        {% set block.first_id = experiment_id if not block.unit_count else block.first_id %}
        {% set block.last_id = experiment_id %}
        {% set block.unit_count = block.unit_count + unit_count %}
    {% endfor %}
    {{ return(blocks + shares_of_block(block, block_units)) }}
{% endmacro %}

{# The conditions of one block, or of several where one experiment is too large for one. #}
{% macro shares_of_block(block, block_units) %}
    {% set share_count = (block.unit_count / block_units) | round(0, 'ceil') | int %}
    {% if share_count == 0 %}{{ return(['true']) }}{% endif %}
    {% set ids = 'experiment_id between ' ~ text_literal(block.first_id)
        ~ ' and ' ~ text_literal(block.last_id) %}
    {% set shares = [] %}
    {% for share in range(share_count) %}
        {% do shares.append(
            ids if share_count == 1
            else ids ~ ' and unit_number % ' ~ share_count ~ ' = ' ~ share
        ) %}
    {% endfor %}
    {{ return(shares) }}
{% endmacro %}
