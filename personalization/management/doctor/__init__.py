"""What `personalization_doctor` looks at, one subject per file. Nothing here writes."""

from personalization.management.doctor.examination import examine
from personalization.management.doctor.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
