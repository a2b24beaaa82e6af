"""What the app announces. Always sent with ``send_robust``: a host's receiver cannot break us, nor we it."""

from django.dispatch import Signal

#: Sent after a build went live. Arguments: ``tenant`` (str), ``alias`` (str), ``build`` (int).
build_published = Signal()
