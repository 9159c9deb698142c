-- What did each kept version of py_experiment_regret_simulation say?
select * from {{ ref('py_experiment_regret_simulation') }}
where {{ is_new_version() }}
