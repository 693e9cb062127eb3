"""What all customers do across channels: funnel, paths, retention, switching, touchpoints. Read from the mirror.

Each is two files: `<name>.py`, the question and its answer, and `<name>_api.py`.
Not here: one customer's journey (profiles).
"""
