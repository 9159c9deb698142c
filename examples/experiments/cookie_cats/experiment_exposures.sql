-- Which gate was each player to meet, from the install on?
select
    'cookie_cats' as experiment_id,
    version as variant,
    userid as customer_id,
    timestamp '2017-01-01' as exposed_at
from source
