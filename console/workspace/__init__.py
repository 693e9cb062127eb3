"""A workspace's people, tokens, audit log and settings, and one's own password: the pages under Workspace."""
