"""What pages and API stand on: access, the period in an address, how numbers look, drawings, template tags."""
