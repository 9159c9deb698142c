-- Which experiments lost variants because they were not declared as they have to be?
with

refused as (
    select experiment_id, variant, rejection_reasons
    from {{ ref('checked_experiments') }}
    where row_status = 'quarantined' and experiment_id is not null
),

rules as (
    select * from {{ ref('data_quality_rules') }}
    where table_name = 'experiments'
),

reasons as (
    select distinct
        refused.experiment_id,
        rules.rule_id
    from refused
    inner join rules
        on instr(
            '; ' || refused.rejection_reasons || ';', '; ' || rules.rule_id || ';'
        ) > 0
),

listed as (
    select
        experiment_id,
        {{ ordered_list('rule_id', '; ') }} as rejection_reasons
    from reasons
    group by experiment_id
),

counted as (
    select experiment_id, count(*) as refused_row_count
    from refused
    group by experiment_id
),

refused_experiments as (
    select
        counted.experiment_id,
        cast(counted.refused_row_count as bigint) as refused_row_count,
        listed.rejection_reasons
    from counted
    inner join listed on counted.experiment_id = listed.experiment_id
)

select * from refused_experiments
