"""What joining channels' data brought: four metrics before and after, against channels that were not joined; the money.

question.py: what an address asks; days.py: the metrics' days; roi.py: the answer; money.py: what it is worth; api.py.
Not here: how sure a difference is (metrics/effects), what a metric counts (metrics/catalogue).
"""
