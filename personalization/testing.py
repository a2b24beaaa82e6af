"""Contract suites for people who extend the app: subclass one, name your class, run it with your tests."""
