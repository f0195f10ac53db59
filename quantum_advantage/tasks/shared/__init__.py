"""What several tasks share: Haar-random states, requests of copies and uses, seeds, prefixes."""
