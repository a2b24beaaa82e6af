"""What many recommenders are made of: products and factors of sparse matrices, and their largest entries."""
