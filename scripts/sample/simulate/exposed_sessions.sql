-- Which sessions met which experiment, and whose were they?
-- Every session inside an experiment meets it, by the id known when it starts; but the
-- later experiments on carts only when sticky_cart is not measured any more.
with

unique_experiments as (
    select * from experiments
    where is_control and experiment_id != 'newsletter_subject'
),

met_sessions as (
    select
        unique_experiments.experiment_id,
        sessions.session_key,
        -- The result list is there five seconds after the page that leads to it.
        sessions.started_at + if(
            unique_experiments.trigger_event_type is null,
            interval 0 seconds,
            interval 5 seconds
        ) as exposed_at,
        if(sessions.is_signed_in, sessions.customer_id, null) as customer_id,
        sessions.anonymous_id,
        if(
            unique_experiments.unit = 'device',
            sessions.anonymous_id,
            coalesce(sessions.customer_id, sessions.anonymous_id)
        ) as unit_id
    from sessions
    inner join unique_experiments
        on
            sessions.started_at >= unique_experiments.started_at
            and sessions.started_at
            < coalesce(unique_experiments.ended_at, period_end())
    where
        sessions.session_key not like 'bot:%'
        -- Of a shared device nobody can say whose arm it saw before the sign-in.
        and (
            sessions.is_signed_in
            or sessions.anonymous_id not in (
                select anonymous_id from devices
                where is_shared
            )
        )
),

exposed_sessions as (
    select
        met_sessions.*,
        row_number() over unit_visits as visit,
        first_value(met_sessions.exposed_at) over unit_visits as first_exposed_at
    from met_sessions
    where
        met_sessions.experiment_id not in ('gift_note', 'listing_grid')
        or met_sessions.session_key not in (select session_key from measured_sessions)
    window unit_visits as (
        partition by met_sessions.experiment_id, unit_id
        order by met_sessions.exposed_at, met_sessions.session_key
    )
)

select * from exposed_sessions
