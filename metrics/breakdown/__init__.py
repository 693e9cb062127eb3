"""A metric's terms by a dimension, and of what a filter leaves: read from the mirror by DuckDB, exactly.

dimensions.py says which dimensions there are and how a row's value is found, facts.py what the mirror's rows are,
terms.py what each term of the catalogue counts of them, parting.py how they are parted by value, interval and person,
reading.py how values are listed and all is put together. Terms are known by their names: the catalogue stands above.
Not here: formulas (metrics/query.py), the catalogue, the mirror itself.
"""
