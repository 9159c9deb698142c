-- Which parameters do the models of lifetime value have, and how sure are they?
with

parameters as (
    select * from {{ ref('py_lifetime_value_parameters') }}
),

champion as (
    select * from {{ ref('lifetime_value_champion') }}
),

lifetime_value_parameters as (
    select
        parameters.window_name,
        parameters.method,
        parameters.parameter_name,
        parameters.parameter_value,
        parameters.standard_error,
        parameters.parameter_lower,
        parameters.parameter_upper,
        parameters.log_likelihood,
        parameters.customer_count,
        parameters.frequency_value_correlation,
        parameters.status,
        parameters.window_name = 'serving'
        and champion.is_confirmed
        and parameters.method in (champion.method, 'gamma_gamma') as is_served,
        parameters.version_id
    from parameters
    cross join champion
)

select * from lifetime_value_parameters
