-- Which experiments run in the simulated period?
-- listing_layout is an A/A test: both arms see the same. Its arms are not called
-- control and treatment, so that nobody may rely on those names. home_banner has not
-- ended. The mails of newsletter_subject are counted by the mail provider.
with

planned_experiments (
    experiment_id, started_at, ended_at, unit, trigger_event_type, allocation,
    primary_metric_id, guardrail_metric_ids, other_metric_ids,
    minimum_detectable_effect
) as (
    values
        (
            'gift_note', timestamp '2011-11-14', timestamp '2011-12-02', 'customer',
            null, 'fixed', 'add_to_cart_7d', 'order_7d',
            'revenue_7d return_visit_7d', 0.6
        ),
        (
            'home_banner', timestamp '2011-11-21', null, 'device',
            null, 'bandit', 'banner_click_1d', null, 'banner_revenue_1d', null
        ),
        (
            'listing_grid', timestamp '2011-11-15', timestamp '2011-12-02', 'customer',
            null, 'fixed', 'add_to_cart_7d', 'order_7d', 'revenue_7d', 0.5
        ),
        (
            'listing_layout', timestamp '2011-06-20', timestamp '2011-08-29',
            'customer', null, 'fixed', 'add_to_cart_7d', 'order_7d',
            'revenue_7d orders_28d average_order_value_28d return_visit_7d', 0.4
        ),
        (
            'newsletter_subject', timestamp '2011-10-03', timestamp '2011-10-10',
            'customer', null, 'fixed', 'mail_open', null, null, 0.15
        ),
        (
            'search_rank', timestamp '2011-08-29', timestamp '2011-09-12', 'customer',
            'view', 'fixed', 'add_to_cart_7d', 'order_7d', 'return_visit_7d', 0.4
        ),
        (
            'sticky_cart', sticky_cart_start(), sticky_cart_end(), 'customer',
            null, 'fixed', 'add_to_cart_7d', 'order_7d returns_28d',
            'revenue_7d orders_28d average_order_value_28d return_visit_7d '
            || 'revenue_98th_percentile_28d', 0.4
        )
),

variants (experiment_id, variant, planned_weight, is_control) as (
    values
        ('gift_note', 'control', 0.34, true),
        ('gift_note', 'card', 0.33, false),
        ('gift_note', 'ribbon', 0.33, false),
        ('home_banner', 'season', 0.34, true),
        ('home_banner', 'story', 0.33, false),
        ('home_banner', 'finder', 0.33, false),
        ('listing_grid', 'small_plain', 0.25, true),
        ('listing_grid', 'small_bold', 0.25, false),
        ('listing_grid', 'large_plain', 0.25, false),
        ('listing_grid', 'large_bold', 0.25, false),
        ('listing_layout', 'a', 0.5, true),
        ('listing_layout', 'b', 0.5, false),
        ('newsletter_subject', 'plain', 0.5, true),
        ('newsletter_subject', 'question', 0.5, false),
        ('search_rank', 'control', 0.5, true),
        ('search_rank', 'reranked', 0.5, false),
        ('sticky_cart', 'control', 0.5, true),
        ('sticky_cart', 'treatment', 0.5, false)
),

experiments as (
    select
        experiment_id,
        variants.variant,
        variants.planned_weight::double as planned_weight,
        variants.is_control,
        planned_experiments.started_at,
        planned_experiments.ended_at,
        planned_experiments.unit,
        planned_experiments.trigger_event_type,
        planned_experiments.primary_metric_id,
        planned_experiments.guardrail_metric_ids,
        concat_ws(
            ' ',
            planned_experiments.primary_metric_id,
            planned_experiments.guardrail_metric_ids,
            planned_experiments.other_metric_ids
        ) as metric_ids,
        planned_experiments.minimum_detectable_effect::double
            as minimum_detectable_effect,
        planned_experiments.allocation
    from planned_experiments
    inner join variants using (experiment_id)
)

select * from experiments
