"""System checks: a wrong setting fails at ``manage.py check``, with an id and a hint.

The ids are stable and listed in docs/reference/checks.md. Importing this package registers them.
"""

from personalization.checks.installation import check_deployment, check_installation
from personalization.checks.settings import RULES, check_settings

__all__ = ["RULES", "check_deployment", "check_installation", "check_settings"]
