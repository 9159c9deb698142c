-- Which cohorts is each customer in, of all customers and by dimension?
with

cohorts as (
    select * from {{ ref('feat_customer__cohorts') }}
),

feat_customer_cohort__members as (
    select
        customer_id,
        'all' as cohort_dimension,
        'all' as cohort_value,
        cohort_month
    from cohorts
    {% for dimension in cohort_dimensions() -%}
        union all
        select
            customer_id,
            '{{ dimension }}' as cohort_dimension,
            {{ dimension }} as cohort_value,
            cohort_month
        from cohorts
    {% endfor %}
)

select * from feat_customer_cohort__members
