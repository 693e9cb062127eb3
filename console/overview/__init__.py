"""The first page: what happened, and what needs somebody."""
