"""The only translator between rows and engine values."""
