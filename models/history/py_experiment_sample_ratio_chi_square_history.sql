-- What did the current version of py_experiment_sample_ratio_chi_square and those before it say?
select * from {{ ref('py_experiment_sample_ratio_chi_square') }}
where {{ is_new_version() }}
