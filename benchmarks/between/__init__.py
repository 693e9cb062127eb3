"""Between the channels at size."""
