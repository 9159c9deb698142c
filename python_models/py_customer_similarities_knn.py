# Which customers buy and view the same products?
def model(dbt, session):
    from mercato import engine
    from mercato.similar_interests import similar_interests
    from mercato.versions import fit_or_reuse

    interactions = dbt.ref("feat_customer_product__interactions")
    customers = dbt.ref("feat_customer__index")
    versions = dbt.ref("feat_model_versions")
    parameters = dbt.config.meta_get("parameters")

    def fit():
        found = similar_interests(
            session, interactions, "customer", "product", **parameters
        )
        found = engine.with_ids(found, "similar_customer", customers)
        return engine.with_ids(found, "customer", customers)

    return fit_or_reuse(dbt, session, versions, fit)
