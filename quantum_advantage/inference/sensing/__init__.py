"""What sensors, telescopes and modes of light say."""
