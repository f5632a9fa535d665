"""What waits for a human."""
