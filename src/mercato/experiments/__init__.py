"""Experiments: from the sums of each arm to effects, their certainty and decisions."""
