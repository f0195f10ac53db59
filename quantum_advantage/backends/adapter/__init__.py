"""Other people's samplers: circuits in the form that a service takes, and few jobs."""
