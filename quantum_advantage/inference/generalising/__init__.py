"""What measured systems say of others of their family that were never measured."""
