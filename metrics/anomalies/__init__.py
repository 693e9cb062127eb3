"""Days of a series that are not what its past let one expect: judge.py says which, process.py asks it beside the web
server, series.py reads a metric's days and puts both together.

Not here: what a metric is (metrics/query.py), how it is drawn (console/metric).
"""
