"""Tasks: families of systems and questions, with all their protocols and controls."""
