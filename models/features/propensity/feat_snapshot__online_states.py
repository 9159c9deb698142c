# What has the online model learned by the end of each snapshot?
def model(dbt, session):
    from mercato import engine
    from mercato.propensity.examples import read_examples
    from mercato.propensity.online import learn_snapshots

    features = dbt.ref("feat_snapshot_customer__features")
    fingerprints = engine.to_arrow(dbt.ref("feat_snapshot__fingerprints"))
    modules = dbt.ref("feat_library__modules")
    before = f"{dbt.this.schema}.{dbt.this.identifier}"

    kept = None
    if engine.table_exists(session, before):
        kept = engine.to_arrow(session.sql(f"select * from {before}"))

    def read_since(date):
        is_new = f"snapshot_date >= '{date}' and has_purchased is not null"
        return read_examples(engine.to_arrow(features.filter(is_new)))

    own_code = modules.filter("module_name = 'mercato.propensity.online'")
    codes = engine.to_arrow(own_code, "code_fingerprint")["code_fingerprint"]
    return learn_snapshots(fingerprints, str(codes.to_pylist()), kept, read_since)
