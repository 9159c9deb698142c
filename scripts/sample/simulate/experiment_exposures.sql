-- Who saw which arm of which experiment, and when?
-- Every session inside an experiment is an exposure, by the id known when it starts.
-- The arm belongs to the person, before and after the sign-in. One visitor in fifty
-- who comes back is shown the other arm: the assignment cookie was lost.
with

unique_experiments as (
    select * from experiments
    where is_control
),

exposed_sessions as (
    select
        unique_experiments.experiment_id,
        sessions.started_at as exposed_at,
        if(sessions.is_signed_in, sessions.customer_id, null) as customer_id,
        sessions.anonymous_id,
        coalesce(sessions.customer_id, sessions.anonymous_id) as unit_id,
        row_number() over (
            partition by unique_experiments.experiment_id, unit_id
            order by sessions.started_at, sessions.session_key
        ) as visit
    from sessions
    inner join unique_experiments
        on
            sessions.started_at >= unique_experiments.started_at
            and sessions.started_at < unique_experiments.ended_at
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

arms as (
    select
        *,
        is_treated(experiment_id, unit_id) != (
            visit = 2
            and unit_id = anonymous_id
            and uniform_draw('lost cookie:' || experiment_id || unit_id) < 0.02
        ) as is_treated
    from exposed_sessions
),

experiment_exposures as (
    select
        arms.experiment_id,
        experiments.variant,
        strftime(arms.exposed_at, '%Y-%m-%dT%H:%M:%SZ') as exposed_at,
        arms.customer_id,
        arms.anonymous_id
    from arms
    inner join experiments
        on
            arms.experiment_id = experiments.experiment_id
            and arms.is_treated != experiments.is_control
)

select * from experiment_exposures
