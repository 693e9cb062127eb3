"""The pages of journeys: what all customers do across channels. A file a page; what they share: base.py."""
