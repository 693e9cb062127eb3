"""The project: ties the parts together. Not here: the rules of a part."""
