"""Questions kept by name, and boards of them: grid.py where tiles stand, kinds.py what can be kept, analyses.py and
boards.py who may do what with them, api.py.

Not here: tables (metrics/models.py), what a tile shows (console/board).
"""
