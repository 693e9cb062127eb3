"""Who it was: identity, events, traits, summaries. Not here: platforms, formulas."""
