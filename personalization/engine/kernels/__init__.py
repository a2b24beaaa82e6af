"""What many recommenders are made of: products and factors of sparse matrices, their largest entries, a few rows at a time."""
