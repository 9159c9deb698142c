"""Two other ways to the results of experiments, each in its own process.

Both take the input for granted: they check nothing, and give no segments, timeline,
sample ratio, sequential or Bayesian results.
"""
