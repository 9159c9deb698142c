# What is every customer expected to buy, as BG/NBD sees it?
def model(dbt, session):
    from functools import partial

    from mercato import engine
    from mercato.lifetime.predictions import PREDICTIONS_SCHEMA, customer_predictions
    from mercato.lifetime.windows import fitted_windows
    from mercato.versions import fit_or_reuse

    counts = dbt.ref("feat_window_history__customers")
    customers = dbt.ref("feat_window_customer__purchases")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        learned = customers.filter("is_amount_learned")
        fits = fitted_windows(
            engine.to_arrow(counts),
            engine.to_arrow(learned),
            method=parameters["method"],
        )
        # In this order, customers of equal history come together.
        return engine.in_parts(
            customers.filter("is_predicted"),
            partial(
                customer_predictions, fits, horizon_days=parameters["horizon_days"]
            ),
            PREDICTIONS_SCHEMA,
            *("window_name", "frequency", "recency_days", "age_days", "customer_id"),
        )

    return fit_or_reuse(dbt, session, versions, fit)
