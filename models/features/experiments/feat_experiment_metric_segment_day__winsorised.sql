-- By how much do limits on what units may come to change the sums of each day?
with

series as (
    select * from {{ ref('feat_experiment_metric_segment__series') }}
),

experiment_metrics as (
    select * from {{ ref('feat_experiment__metrics') }}
),

above as (
    select * from {{ ref('feat_experiment_unit_metric__above_caps') }}
),

outcomes as (
    select * from {{ ref('feat_experiment_unit_day__outcomes') }}
    where
        (experiment_id, unit_number) in (
            select
                experiment_id,
                unit_number
            from above
        )
),

parts as (
    select * from {{ ref('feat_metric__parts') }}
    where part in ('x', 'y')
),

additions as (
    {{ unit_additions('outcomes', 'parts', 'experiment_metrics') }}
),

limited as (
    select
        additions.unit_number,
        additions.metric_number,
        additions.cell_number,
        additions.part,
        additions.amount,
        above.cap,
        additions.exposure_date,
        additions.known_date
    from additions
    inner join above
        on
            additions.unit_number = above.unit_number
            and additions.metric_number = above.metric_number
),

before_exposure as (
    select
        unit_number,
        metric_number,
        cell_number,
        cap,
        cast(sum(amount) as decimal(18, 4)) as x,
        exposure_date
    from limited
    where part = 'x'
    group by unit_number, metric_number, cell_number, cap, exposure_date
),

running as (
    select
        limited.*,
        cast(sum(amount) over days_so_far as decimal(18, 4)) as y
    from limited
    where part = 'y'
    window
        days_so_far as (
            partition by unit_number, metric_number
            order by known_date
            rows between unbounded preceding and current row
        )
),

reached as (
    select
        running.cell_number,
        running.metric_number,
        running.cap,
        running.y,
        cast(running.y - running.amount as decimal(18, 4)) as y_before,
        coalesce(before_exposure.x, 0) as x,
        running.exposure_date,
        running.known_date
    from running
    left join before_exposure
        on
            running.unit_number = before_exposure.unit_number
            and running.metric_number = before_exposure.metric_number
),

differences as (
    select
        cell_number,
        metric_number,
        exposure_date,
        cast(0 as decimal(18, 4)) as y,
        {{ winsorised_difference('x') }} as x,
        cast(0 as decimal(38, 8)) as yy,
        cast(0 as decimal(38, 8)) as yx,
        {{ winsorised_difference('x', 'x') }} as xx,
        exposure_date as known_date
    from before_exposure
    union all
    select
        cell_number,
        metric_number,
        exposure_date,
        {{ winsorised_difference('y') }}
        - {{ winsorised_difference('y_before') }} as y,
        cast(0 as decimal(18, 4)) as x,
        {{ winsorised_difference('y', 'y') }}
        - {{ winsorised_difference('y_before', 'y_before') }} as yy,
        {{ winsorised_difference('y', 'x') }}
        - {{ winsorised_difference('y_before', 'x') }} as yx,
        cast(0 as decimal(38, 8)) as xx,
        known_date
    from reached
),

feat_experiment_metric_segment_day__winsorised as (
    select
        series.experiment_id,
        series.metric_id,
        series.variant,
        series.channel,
        series.country,
        series.customer_status,
        {%- for name in winsorised_names() %}
            cast(sum(differences.{{ name }}) as decimal(38, 8)) as sum_{{ name }},
        {%- endfor %}
        greatest(
            differences.known_date,
            {{ entry_date('differences.exposure_date', 'series') }}
        ) as observed_date
    from differences
    inner join series
        on
            differences.cell_number = series.cell_number
            and differences.metric_number = series.metric_number
    group by
        series.experiment_id,
        series.metric_id,
        series.variant,
        series.channel,
        series.country,
        series.customer_status,
        greatest(
            differences.known_date,
            {{ entry_date('differences.exposure_date', 'series') }}
        )
)

select * from feat_experiment_metric_segment_day__winsorised
