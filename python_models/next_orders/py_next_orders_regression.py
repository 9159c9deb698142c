# When will every customer order next and for how much, by linear regression?
def model(dbt, session):
    from functools import partial

    from mercato import engine
    from mercato.next_orders import NEXT_ORDERS_SCHEMA, fitted_lines, next_orders
    from mercato.versions import fit_or_reuse

    purchases = dbt.ref("feat_window_customer_purchase__gaps")
    versions = dbt.ref("feat_model_versions")

    def fit():
        learned = purchases.filter("next_gap_days is not null")
        return engine.in_parts(
            purchases.filter("next_gap_days is null"),
            partial(next_orders, fitted_lines(engine.to_arrow(learned))),
            NEXT_ORDERS_SCHEMA,
            *("window_name", "customer_id"),
        )

    return fit_or_reuse(dbt, session, versions, fit)
