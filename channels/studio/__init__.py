"""Mappings as an admin works on them: versions, trying a text on what came, what the rules did. Not here: the language
(channels/language/), reading a request by a mapping (channels/mapping/).
"""
