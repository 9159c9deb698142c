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
