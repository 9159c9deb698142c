-- Who played? The day of the install is not published; all get the same one.
select
    userid as customer_id,
    timestamp '2017-01-01' as signed_up_at
from source
