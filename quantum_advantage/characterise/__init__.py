"""What a layer of gates does to a processor's qubits, learned with Bell pairs."""
