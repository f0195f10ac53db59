"""How good a processor's pairs are now, measured before the data are taken."""
