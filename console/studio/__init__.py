"""The mapping studio: how what a connector sends becomes ours, tried on what it sent. Pages and their inputs."""
