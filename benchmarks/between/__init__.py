"""Between the channels at size: `python -m benchmarks.between`. A new part: its line in __main__.py."""
