-- Which experiments run in the simulated period?
-- listing_layout is an A/A test: both arms see the same. Its arms are not called
-- control and treatment, so that nobody may rely on those names.
with

planned_experiments (experiment_id, started_at, ended_at) as (
    values
        ('listing_layout', timestamp '2011-06-20', timestamp '2011-08-29'),
        ('sticky_cart', sticky_cart_start(), sticky_cart_end())
),

variants (experiment_id, variant, is_control) as (
    values
        ('listing_layout', 'a', true),
        ('listing_layout', 'b', false),
        ('sticky_cart', 'control', true),
        ('sticky_cart', 'treatment', false)
),

experiments as (
    select
        experiment_id,
        variants.variant,
        0.5 as planned_weight,
        variants.is_control,
        planned_experiments.started_at,
        planned_experiments.ended_at
    from planned_experiments
    inner join variants using (experiment_id)
)

select * from experiments
