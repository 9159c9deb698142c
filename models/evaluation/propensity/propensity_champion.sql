-- Which method's propensities are served, and why?
with

gains as (
    select * from {{ ref('propensity_gains') }}
),

-- Who can be served: the same fit, of which the coefficients tell.
fitted as (
    select distinct method from {{ ref('py_propensity_coefficients') }}
    where status = 'ok'
),

-- Against the rule that leaves least to gain.
least_gains as (
    select
        snapshot_role,
        method,
        min(prediction_count) as prediction_count,
        min(log_loss_gain) as log_loss_gain,
        min(log_loss_gain_lower) as log_loss_gain_lower
    from gains
    where method not in ('base_rate', 'recency_rule')
    group by snapshot_role, method
),

rules as (
    select
        coalesce(max(prediction_count), 0) as prediction_count,
        case
            when max(log_loss_gain) > 0 then 'recency_rule' else 'base_rate'
        end as baseline_method
    from gains
    where
        snapshot_role = 'validation'
        and method = 'recency_rule'
        and baseline_method = 'base_rate'
),

-- Methods that could say nothing of some snapshot are not compared.
validated as (
    select
        least_gains.*,
        row_number() over (
            order by least_gains.log_loss_gain desc, least_gains.method
        ) as place
    from least_gains
    inner join fitted on least_gains.method = fitted.method
    inner join rules on least_gains.prediction_count = rules.prediction_count
    where least_gains.snapshot_role = 'validation'
),

-- One model is put to the test, so that none is served for having been lucky once.
compared as (
    select
        rules.baseline_method,
        validated.method as challenger_method,
        validated.log_loss_gain as validation_gain,
        validated.log_loss_gain_lower as validation_gain_lower,
        tested.log_loss_gain as test_gain,
        coalesce(validated.log_loss_gain_lower > 0, false) as is_validated,
        coalesce(tested.log_loss_gain > 0, false) as is_better_again
    from rules
    left join validated on validated.place = 1
    left join least_gains as tested
        on validated.method = tested.method and tested.snapshot_role = 'test'
),

propensity_champion as (
    select
        case
            when challenger_method is null then 'base_rate'
            when is_validated and is_better_again then challenger_method
            else baseline_method
        end as method,
        baseline_method,
        challenger_method,
        case
            when challenger_method is null
                then 'no model could be fitted and compared on snapshots that are over'
            when not is_validated
                then challenger_method || ' was not better than simple rules beyond '
                || 'doubt on the validation snapshots'
            when not is_better_again
                then challenger_method || ' was better than simple rules on the '
                || 'validation snapshots, but not on the test snapshot'
            else
                challenger_method || ' was better than simple rules, beyond doubt on '
                || 'the validation snapshots and again on the test snapshot'
        end as reason,
        validation_gain,
        validation_gain_lower,
        test_gain,
        is_validated and is_better_again as is_confirmed
    from compared
)

select * from propensity_champion
