"""What single copies in random or chosen bases say: strings, sums, purities, parts."""
