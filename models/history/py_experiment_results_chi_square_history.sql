-- What did the current version of py_experiment_results_chi_square and those before it say?
select * from {{ ref('py_experiment_results_chi_square') }}
where {{ is_new_version() }}
