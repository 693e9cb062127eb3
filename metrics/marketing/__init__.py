"""Marketing together: campaigns of all channels on one calendar, whom they reach, what more money would bring.

campaigns.py holds spend against credit, reach.py whom campaigns share and how often one is met; response.py fits how
credit grows with spend (curves.py) and moves money in simulation. spend.py says what was spent on which day.
Not here: how credit is given (metrics/attribution), spend as records (metrics/facts/spend.py).
"""
