"""Pages on who gets the money: statements, rules, rules tried. Not here: how it is shared (metrics/allocation)."""
