"""What it adds up to: facts, roll-ups, catalogue. Not here: raw payloads, joins of people."""
