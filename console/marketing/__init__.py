"""Pages of marketing: campaigns, whom they share, what more money would bring. Numbers: metrics/marketing."""
