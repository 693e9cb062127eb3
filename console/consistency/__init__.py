"""Where channels contradict each other: a page for each way. Not here: how it is counted (metrics/)."""
