"""What templates may say beyond loops and conditions."""
