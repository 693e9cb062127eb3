"""The inbox to numbers (store.py: the one order of work), again (rebuild.py), and what wakes and guards it."""
