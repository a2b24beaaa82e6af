"""What needs more than the app does, each file an extra of its own: `pip install django-personalization[fast]`."""
