"""Boards: the list of them and of what is kept, one board, its tiles by kind, and what is done to them."""
