"""What the subcommands of ``quantum-advantage`` do. Standard library alone at import."""
