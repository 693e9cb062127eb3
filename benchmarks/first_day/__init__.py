"""The peer: the service one writes on the first day, by the book. Plain, and never slowed on purpose.

A serializer and a row per event over HTTP (views.py); in its loop (loop.py) identity by get_or_create, counters by F().
"""
