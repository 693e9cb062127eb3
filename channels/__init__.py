"""Data in and out, as others speak it. Not here: who a person is, what it adds up to."""
