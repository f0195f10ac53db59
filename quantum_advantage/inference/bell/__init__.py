"""What Bell measurements of two copies say."""
