"""What to do with any result: draw it, write it as JSON, and read it back."""
