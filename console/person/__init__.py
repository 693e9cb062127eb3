"""One person through all parts: the summary that a shop asks for, all that is held of them."""
