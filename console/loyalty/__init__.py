"""Pages of membership: who is a member, what members hold, what joining changes. Numbers: metrics/loyalty."""
