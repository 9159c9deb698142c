"""Customer lifetime value: who still buys, how often and for how much from now on."""
