-- Which metrics is each experiment read by, and which of them decides?
with

experiments as (
    select distinct
        experiment_id,
        metric_ids,
        primary_metric_id,
        guardrail_metric_ids
    from {{ ref('experiments') }}
),

metrics as (
    select metric_id from {{ ref('experiment_metrics') }}
),

given_statistics as (
    select distinct experiment_id, metric_id
    from {{ ref('stg_experiment_statistics') }}
),

exposed as (
    select distinct experiment_id
    from {{ ref('experiment_exposures') }}
),

candidates as (
    select
        experiments.experiment_id,
        metrics.metric_id,
        given_statistics.metric_id is not null as is_given,
        coalesce(experiments.primary_metric_id = metrics.metric_id, false)
            as is_named_primary,
        {%- for role, names in [
            ('is_guardrail', 'guardrail_metric_ids'), ('is_named', 'metric_ids')
        ] %}
            coalesce(
                instr(
                    ' ' || experiments.{{ names }} || ' ',
                    ' ' || metrics.metric_id || ' '
                ) > 0,
                false
            ) as {{ role }},
        {%- endfor %}
        experiments.metric_ids is null and exposed.experiment_id is not null
            as takes_all
    from experiments
    cross join metrics
    left join exposed on experiments.experiment_id = exposed.experiment_id
    left join given_statistics
        on
            experiments.experiment_id = given_statistics.experiment_id
            and metrics.metric_id = given_statistics.metric_id
),

-- Whose events live elsewhere are read by what was handed over; the others by the
-- metrics that they name, or by all.
chosen as (
    select * from candidates
    where is_given or is_named_primary or is_guardrail or is_named or takes_all
),

-- An experiment that names no primary metric is read by the project's, or by the first.
ranked as (
    select
        chosen.*,
        row_number() over (
            partition by experiment_id
            order by
                case when is_named_primary then 0 else 1 end,
                case
                    when metric_id = '{{ var("primary_metric_id") }}' then 0
                    else 1
                end,
                metric_id
        ) as place
    from chosen
),

read_by as (
    select
        experiment_id,
        metric_id,
        place = 1 as is_primary,
        is_guardrail,
        is_given
    from ranked
    union all
    select
        '{{ baseline_experiment() }}' as experiment_id,
        metric_id,
        false as is_primary,
        false as is_guardrail,
        false as is_given
    from metrics
),

feat_experiment__metrics as (
    select
        experiment_id,
        metric_id,
        cast(
            row_number() over (order by experiment_id, metric_id) as bigint
        ) as metric_number,
        is_primary,
        is_guardrail,
        is_given
    from read_by
)

select * from feat_experiment__metrics
