"""Events: one through all its steps, and what comes in just now."""
