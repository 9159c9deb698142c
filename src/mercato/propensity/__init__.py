"""Who will buy within the horizon: classifiers of customers at snapshots."""
