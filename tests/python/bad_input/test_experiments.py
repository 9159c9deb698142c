"""Experiments, metrics and sums that make no sense are told from those that do."""

import pytest

QUOTED = 'the "5\' 6" one; drop table experiments; --'
CHECKED = (
    "experiments",
    "experiment_metrics",
    "experiment_factors",
    "experiment_statistics",
    "experiment_exposures",
    "recommendation_exposures",
)
QUOTED_IN_CSV = QUOTED.replace('"', '""')
FILES = {
    "erasure_requests": """
        customer_id,requested_at
        gone,2024-01-06
    """,
    "experiments": f"""
        experiment_id,variant,planned_weight,is_control,started_at,unit,metric_ids
        banner,"{QUOTED_IN_CSV}",0.5,true,2024-01-01,device,paid  order_7d
        banner,b,0.5,false,2024-01-01,device,
        odd,a,0.5,true,2024-01-01,household,
        odd,b,0.5,false,2024-01-01,,
        lost,a,half,true,2024-01-01,,
    """,
    "experiment_metrics": """
        metric_id,metric_kind,outcome,value_column,window_days,quantile_level
        paid,mean,order,net_amount,14,
        order_7d,proportion,order,,9,
        median,median,order,net_amount,14,
        middle,quantile,order,net_amount,14,50
        half,mean,order,net_amount,0.5,
    """,
    "experiment_factors": f"""
        experiment_id,variant,factor,level,is_reference
        banner,"{QUOTED_IN_CSV}",colour,red,true
        banner,c,colour,blue,false
        lost,a,colour,blue,false
    """,
    "experiment_statistics": """
        experiment_id,variant,metric_id,observed_date,unit_count,value_sum,value_square_sum
        banner,b,paid,2024-01-04,10,30,100
        banner,b,median,2024-01-04,10,30,100
        banner,b,paid,2024-01-05,2,30,100
        banner,b,order_7d,2024-01-05,10,3,9
    """,
    "experiment_exposures": f"""
        experiment_id,variant,exposed_at,customer_id,anonymous_id
        banner,"{QUOTED_IN_CSV}",2024-01-02,ann,phone
        banner,b,2024-01-02,ann,
        banner,b,2024-01-02,gone,laptop
        banner,b,2024-01-02,ann,shared
        banner,b,2024-01-03,bob,shared
        lost,a,2024-01-02,ann,phone
    """,
    "recommendation_exposures": """
        exposure_id,shown_at,customer_id,anonymous_id,product_id,propensity
        1,2024-01-02,,phone,tea,0.25
        2,2024-01-02,gone,laptop,tea,0.25
        3,2024-01-02,ann,phone,tea,25
    """,
}


@pytest.fixture
def built(shop):
    shop.orders("1,2024-01-05 10:00:00,ann,tea,2,3.50")
    for name, rows in FILES.items():
        lines = [line.strip() for line in rows.strip().splitlines()]
        shop.write(f"{name}.csv", "\n".join(lines) + "\n")
    selected = ("+path:models/core", "+stg_experiment_statistics")
    exit_code, output = shop.build("--select", *selected, "--publish")
    assert exit_code == 0, output
    return shop


def test_bad_rows_give_their_reasons_and_good_ones_pass_unharmed(built):
    reasons = {
        name: [
            reason
            for (reason,) in built.query(
                f"select rejection_reasons from checked_{name} "
                "where row_status = 'quarantined' order by all"
            )
        ]
        for name in CHECKED
    }
    assert reasons == {
        "experiments": ["planned_weight_not_a_number", "unit_unknown"],
        "experiment_metrics": [
            "metric_kind_unknown",
            "quantile_level_out_of_range",
            "window_days_not_a_whole_number",
        ],
        "experiment_factors": ["variant_not_planned"] * 2,
        "experiment_statistics": [
            "metric_not_declared",
            "unit_count_too_small",
            "value_sum_not_a_count",
        ],
        "experiment_exposures": ["device_missing", "variant_not_planned"],
        "recommendation_exposures": ["propensity_out_of_range"],
    }
    assert built.query("from refused_experiments order by all") == [
        ("lost", 1, "planned_weight_not_a_number"),
        ("odd", 1, "unit_unknown"),
    ]
    assert built.query(
        "select variant, unit, metric_ids, primary_metric_id from experiments "
        "where experiment_id = 'banner' order by is_control"
    ) == [
        ("b", "device", "paid order_7d", "paid"),
        (QUOTED, "device", "paid order_7d", "paid"),
    ]
    assert built.query(
        "select metric_id, window_days, is_default from experiment_metrics "
        "where not is_default or metric_id = 'order_7d' order by metric_id"
    ) == [("order_7d", 9, False), ("paid", 14, False)]

    # Of the customer who asked to be forgotten, neither name nor device is left.
    assert built.query(
        "select unit_id, customer_id, variant, exposure_count "
        "from experiment_exposures order by unit_id"
    ) == [("phone", "ann", QUOTED, 1), ("shared", "anonymous:shared", "b", 2)]
    assert built.query(
        "select exposure_id, customer_id, propensity from recommendation_exposures"
    ) == [("1", "ann", 0.25)]
    assert built.query("select customer_id from customers order by customer_id") == [
        ("ann",),
        ("anonymous:shared",),
        ("bob",),
    ]
