{#
    The first date on which a unit counts for a metric: that of its exposure, or, where
    the metric's window opens later, the date on which the window has closed.
#}
{% macro entry_date(exposure_date, metrics) -%}
    cast(
        case
            when {{ metrics }}.window_start_days > 0
                then {{ dbt.dateadd(
                    'day', 'cast(' ~ metrics ~ '.window_days as int)', exposure_date
                ) }}
            else {{ exposure_date }}
        end as date
    )
{%- endmacro %}
