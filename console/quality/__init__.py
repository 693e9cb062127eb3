"""What could not be used, and how good the data is."""
