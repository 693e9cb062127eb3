"""The language of mappings: what a connector's raw payloads mean, as a text that an admin writes.

`text.py` reads and writes the text, `expressions.py` makes Python of its expressions (`functions.py` are those they may
call), `messages.py` puts them together, `rules.py` are the cleaning rules. Pure: no tables, no settings.
Not here: where a mapping is kept (channels/studio/), where it is applied (channels/mapping/mapped.py).
"""
