"""A shop with two stores: UUID keys, variants, goods by weight, accounts by e-mail, nothing ever deleted, a page cache
and a strict content security policy. What personalization changed in it is marked ``personalization``."""
