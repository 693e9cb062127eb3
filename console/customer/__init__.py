"""Customers: the list, one of them, the journey, who was joined to whom and why."""
