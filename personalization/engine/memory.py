"""How much memory this process has taken."""

import sys

if sys.platform == "win32":  # pragma: no cover

    def peak_rss_mb() -> float:
        """0.0: it cannot be known here."""
        return 0.0

else:
    import resource

    #: What one unit of ``ru_maxrss`` is, in bytes.
    _UNIT = 1 if sys.platform == "darwin" else 1024

    def peak_rss_mb() -> float:
        """The most memory that this process ever held at once, in MB of 2**20 bytes."""
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / (1 << 20), 1)
