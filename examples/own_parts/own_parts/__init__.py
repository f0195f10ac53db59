"""A protocol, a task and a backend of one's own, announced by entry points in pyproject.toml."""
