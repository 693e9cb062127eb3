"""What lies on the channels' shelves: one price everywhere, and stock where it sells. Not here: metrics over both."""
