"""Every recommender on a published split into train and test files."""
