"""What every process does: says that it lives, times its stages, ends with its parent, writes its log."""
