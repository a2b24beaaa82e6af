"""System checks: a wrong setting fails at ``manage.py check``, with an id and a hint."""
