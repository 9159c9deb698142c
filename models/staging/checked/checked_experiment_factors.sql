-- Which factors keep the contract, which repeat another, which break it, and why?
with

given as (
    select * from {{ ref('raw_experiment_factors') }}
),

planned as (
    select
        experiment_id as planned_experiment_id,
        variant as planned_variant
    from {{ ref('stg_experiments') }}
),

typed as (
    select
        {{ text_or_null('experiment_id') }} as experiment_id,
        {{ text_or_null('variant') }} as variant,
        {{ text_or_null('factor') }} as factor,
        {{ text_or_null('level') }} as level,
        try_cast(is_reference as boolean) as is_reference,
        {{ row_as_struct('given') }} as given_row
    from given
),

judged as (
    select
        typed.*,
        {{ rejections({
            'experiment_id_missing': 'experiment_id is null',
            'variant_missing': 'variant is null',
            'variant_not_planned': 'variant is not null and planned_variant is null',
            'factor_missing': 'factor is null',
            'level_missing': 'level is null',
            'is_reference_not_a_boolean': 'is_reference is null',
        }) }} as rejection_reasons,
        {{ content([
            'experiment_id', 'variant', 'factor', 'level', 'is_reference'
        ]) }} as row_content
    from typed
    left join planned
        on
            typed.experiment_id = planned.planned_experiment_id
            and typed.variant = planned.planned_variant
),

ranked as (
    select
        judged.*,
        {{ row_status(['experiment_id', 'variant', 'factor']) }} as row_status
    from judged
),

checked_experiment_factors as (
    select
        experiment_id,
        variant,
        factor,
        level,
        is_reference,
        row_status,
        case
            when row_status = 'quarantined'
                then coalesce(rejection_reasons, 'same_key_other_content')
        end as rejection_reasons,
        case
            when row_status = 'quarantined'
                then {{ struct_as_json('given_row') }}
        end as given_row
    from ranked
)

select * from checked_experiment_factors
