"""How alike the channels are, and what it costs where they are not.

standing.py: each channel against the mean of all; met.py: who met which gap; churn.py: whether they left, among
customers alike; costs.py: the gaps that cost most; consistency.py: all of it; api.py: over HTTP.
Not here: prices SKU by SKU and stock (metrics/assortment), returns and tickets themselves (metrics/service).
"""
