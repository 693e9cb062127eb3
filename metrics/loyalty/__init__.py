"""Membership across channels: who is a member, what members buy, what they hold, what joining goes along with.

Each is two files: `<name>.py`, the question and its answer, and `<name>_api.py`. Read from the mirror.
Not here: the facts (metrics/facts/membership.py, member_accounts.py).
"""
