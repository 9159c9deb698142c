{#
    (x - mean) / population standard deviation, from the exact sums <x>_sum and
    <x>_squares over customer_count rows; 0 where all rows are equal.
#}
{% macro z_score(column) -%}
    {%- set mean = column ~ '_sum / customer_count' -%}
    {%- set variance = column ~ '_squares / customer_count - power(' ~ mean ~ ', 2)' -%}
    case
        when {{ variance }} > 1e-12
            then round(
                (cast({{ column }} as double) - {{ mean }}) / sqrt({{ variance }}), 6
            )
        else cast(0 as double)
    end
{%- endmacro %}
