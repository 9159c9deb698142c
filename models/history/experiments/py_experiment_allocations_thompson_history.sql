-- What did each kept version of py_experiment_allocations_thompson say?
select * from {{ ref('py_experiment_allocations_thompson') }}
where {{ is_new_version() }}
