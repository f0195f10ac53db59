"""What any record says about a hidden Pauli string."""
