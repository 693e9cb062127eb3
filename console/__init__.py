"""What people see: a folder for each family of pages. Numbers and rules are asked of the parts. Nobody imports it."""
