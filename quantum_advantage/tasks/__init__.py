"""Tasks: a family of systems and questions, with all its protocols, controls and exact laws."""
