"""Records on disk, and the file formats of other programs."""
