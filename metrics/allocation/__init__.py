"""Who gets the money: rules, shares to the minor unit, statements that channels agree to and that stay closed.

Not here: who is credited with an order (metrics/attribution), what platforms pay out (metrics/payouts.py).
"""
