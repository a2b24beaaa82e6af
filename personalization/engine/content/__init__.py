"""What can be read out of what a shop says of its items."""
