"""Privacy: erasing a person, and what is certified of it. Not here: the work (cdp/pipeline/erasure.py)."""
