-- Which level of which factor does each arm of the factorial design have?
with

experiment_factors (experiment_id, variant, factor, level, is_reference) as (
    values
        ('listing_grid', 'small_plain', 'image', 'small', true),
        ('listing_grid', 'small_plain', 'price', 'plain', true),
        ('listing_grid', 'small_bold', 'image', 'small', true),
        ('listing_grid', 'small_bold', 'price', 'bold', false),
        ('listing_grid', 'large_plain', 'image', 'large', false),
        ('listing_grid', 'large_plain', 'price', 'plain', true),
        ('listing_grid', 'large_bold', 'image', 'large', false),
        ('listing_grid', 'large_bold', 'price', 'bold', false)
)

select * from experiment_factors
