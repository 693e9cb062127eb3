"""The tracking plan: which properties an event is to have, and what becomes of one that has them otherwise."""
