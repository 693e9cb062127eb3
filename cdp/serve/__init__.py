"""The web server: the front door, bodies, addresses that lead nowhere, readiness; Django behind a bridge."""
