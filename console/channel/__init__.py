"""The pages of channels. Not here: pages that need other parts too (console)."""
