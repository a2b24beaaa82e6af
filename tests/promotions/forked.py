"""What the processes have in common, imported once before they are forked."""

import django

django.setup()
