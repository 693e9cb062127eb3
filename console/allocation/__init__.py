"""Pages of who earned what between the channels: attribution. Not here: how credit is found (metrics/attribution)."""
