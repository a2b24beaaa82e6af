"""A shop where nothing is called as elsewhere. Installed by no host."""
