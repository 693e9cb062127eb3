"""What happens after the order, across channels: goods back, tickets, payments. Asked of the mirror, the ledger's copy.

`returns`, `tickets`: bought in one channel, served in another. `payments`, `arrival`: how attempts to pay end, and what
a new method changed. `troubles`, `story`: what somebody must mend, and one order whole, both out of PostgreSQL.
"""
