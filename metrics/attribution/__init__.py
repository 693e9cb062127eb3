"""Who earned the sale: credit for orders by the touches before them, under ten models, to the minor unit.

question.py is what can be asked, walk.py the mirror's statements, paths.py the paths they come to: distinct ones, each
with what it is worth. models/ holds a file per model: how a path is shared. answers.py puts rows together of that,
orders.py says what one order's credit is; spend.py what was spent.

The credit of a period is that of the orders placed in it, plus what was taken back in it, whenever the order was
placed: refunds, cancellations and goods that came back take back their order's shares. So rows come to the catalogue's
net revenue, margin, orders and new customers, with a row of what has no touch or no person.
Not here: what channels agree to make of it (metrics/allocation).
"""
