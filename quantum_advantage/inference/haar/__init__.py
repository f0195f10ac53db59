"""What outcomes of Haar-random states and evolutions say."""
