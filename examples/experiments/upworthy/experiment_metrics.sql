-- What was measured? Whether a reader who was shown a package clicked on it. The window
-- says nothing, as no single click is known.
select
    'click' as metric_id,
    'Clicked on the package' as metric_name,
    'proportion' as metric_kind,
    'click' as outcome,
    1 as window_days,
    0 as covariate_days
