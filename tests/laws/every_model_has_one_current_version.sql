-- Each Python model has one current version, the one that its input and code ask for.
with

asked_for as (
    select model_name, version_id from {{ ref('current_model_versions') }}
),

current_versions as (
    select model_name, version_id
    from {{ ref('model_versions') }}
    where is_current
)

select
    asked_for.model_name,
    count(current_versions.version_id) as current_count
from asked_for
left join current_versions on asked_for.model_name = current_versions.model_name
group by asked_for.model_name
having
    count(current_versions.version_id) <> 1
    or max(asked_for.version_id) is distinct from max(current_versions.version_id)
