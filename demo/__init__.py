"""The simulated retailer: a file an actor, and the truth that its messages hide."""
