{#
    The numbers of a unit that are added up, and their products: y is its value of the
    metric, d the denominator of a ratio, x and w the same two before its exposure.
#}
{% macro statistic_names() %}
    {{ return([
        'y', 'd', 'x', 'w',
        'yy', 'yd', 'yx', 'yw', 'dd', 'dx', 'dw', 'xx', 'xw', 'ww',
    ]) }}
{% endmacro %}

{# Those of them that a limit on y and x changes; ratios, with d and w, have none. #}
{% macro winsorised_names() %}{{ return(['y', 'x', 'yy', 'yx', 'xx']) }}{% endmacro %}
