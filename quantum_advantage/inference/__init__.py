"""What records say: arrays in, numbers out."""
