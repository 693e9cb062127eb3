"""Segments: a rule that says which customers are meant, who they are now and were on a day, and how they differ.

Here and not in profiles/, because a rule asks for orders and money, which profiles may not know.
"""
