-- What did each player do? Two days on which they played or not, and the rounds of 14
-- days as one event at their end.
select
    'day_1:' || userid as event_id,
    timestamp '2017-01-02 12:00:00' as occurred_at,
    'play' as event_type,
    userid as customer_id,
    null::decimal(18, 4) as value
from source
where retention_1
union all
select
    'day_7:' || userid as event_id,
    timestamp '2017-01-08 12:00:00' as occurred_at,
    'play' as event_type,
    userid as customer_id,
    null::decimal(18, 4) as value
from source
where retention_7
union all
select
    'rounds:' || userid as event_id,
    timestamp '2017-01-14 23:00:00' as occurred_at,
    'rounds_played' as event_type,
    userid as customer_id,
    sum_gamerounds::decimal(18, 4) as value
from source
where sum_gamerounds > 0
