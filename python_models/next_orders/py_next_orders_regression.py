# When will every customer order next and for how much, by linear regression?
def model(dbt, session):
    from mercato import engine
    from mercato.next_orders import next_orders
    from mercato.versions import fit_or_reuse

    purchases = dbt.ref("feat_window_customer_purchase__gaps")
    versions = dbt.ref("feat_model_versions")

    def fit():
        return next_orders(engine.to_arrow(purchases))

    return fit_or_reuse(dbt, session, versions, fit)
