"""Pages of who earned what between the channels, and who gets the money: attribution, rules, statements.

Not here: how credit is found (metrics/attribution), how it is shared (metrics/allocation).
"""
