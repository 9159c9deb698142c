-- What did each kept version of py_experiment_sample_ratio_chi_square say?
select * from {{ ref('py_experiment_sample_ratio_chi_square') }}
where {{ is_new_version() }}
