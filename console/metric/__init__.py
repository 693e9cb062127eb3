"""A metric: its page, its formula and target, the rows behind it, its cards, its files."""
