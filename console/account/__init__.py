"""Who is signed in, and how the pages look to them."""
