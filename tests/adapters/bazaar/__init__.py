"""Tables of shops that are built in unusual ways, for the tests of adapters. No shop, and installed by no host."""
