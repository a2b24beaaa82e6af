"""The shop that everybody builds from the book: a cart in the session, orders of guests with an e-mail address, saved
before their items and paid later by a webhook; local times of Shanghai without zones. What personalization changed in
it is marked ``personalization``."""
