-- Who came when, and from where, in every simulated session?
-- One session in twelve lost its id at the source.
with

steps as (
    select * from order_steps
    union all
    select * from visit_steps
    union all
    select * from bot_steps
),

starts as (
    select
        session_key,
        min(occurred_at) as started_at,
        arg_min(is_signed_in, step) as is_signed_in,
        uniform_draw('channel:' || session_key) as channel_draw
    from steps
    group by session_key
),

owners as (
    select session_key, customer_id, anonymous_id from order_sessions
    union all
    select session_key, customer_id, anonymous_id from customer_visits
    union all
    select session_key, null, anonymous_id from visitor_visits
    union all
    select distinct session_key, null, 'd' || left(md5(session_key), 8) from bot_steps
),

channelled as (
    select
        starts.* exclude (channel_draw),
        owners.customer_id,
        owners.anonymous_id,
        case
            when starts.session_key like 'bot:%' then 'direct'
            when channel_draw < 0.28 then 'organic_search'
            when channel_draw < 0.46 then 'paid_search'
            when channel_draw < 0.60 then 'social'
            when channel_draw < 0.72 then 'referral'
            -- Only who is known gets mail.
            when channel_draw < 0.87 and owners.customer_id is not null then 'email'
            else 'direct'
        end as channel
    from starts
    inner join owners using (session_key)
),

campaigned as (
    select
        channelled.*,
        campaigns.campaign_id
    from channelled
    left join campaigns
        on
            channelled.channel = campaigns.channel
            and channelled.started_at >= campaigns.started_at
    qualify row_number() over (
        partition by channelled.session_key
        order by uniform_draw(
            'campaign:' || channelled.session_key || campaigns.campaign_id
        )
    ) = 1
),

sessions as (
    select
        *,
        if(
            uniform_draw('session id:' || session_key) < 1 / 12.0,
            null,
            's' || row_number() over (order by started_at, session_key)
        ) as session_id
    from campaigned
)

select * from sessions
