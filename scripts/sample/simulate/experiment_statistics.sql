-- What does the mail provider report of newsletter_subject, up to each day?
-- 6,000 mails at once, most of them opened on the first days; the question in the
-- subject makes 24 of 100 open it instead of 20.
with

recipients as (
    select
        recipient,
        if(recipient % 2 = 0, 'plain', 'question') as variant,
        pick('mail delay:' || recipient, 7) * pick('mail day:' || recipient, 7) // 8
            as opened_after_days,
        uniform_draw('mail:' || recipient) < if(variant = 'plain', 0.20, 0.24)
            as is_opened
    from range(1, 6001) as recipients (recipient)
),

experiment_statistics as (
    select
        'newsletter_subject' as experiment_id,
        variant,
        'mail_open' as metric_id,
        (timestamp '2011-10-03' + to_days(day::int))::date as observed_date,
        count(*) as unit_count,
        count(*) filter (is_opened and opened_after_days <= day) as value_sum,
        -- Who opened counts 1, and so does its square.
        value_sum as value_square_sum
    from recipients
    cross join range(0, 7) as days (day)
    group by variant, day
)

select * from experiment_statistics
