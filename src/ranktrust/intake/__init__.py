"""Published layouts to tidy figures: one module a publication, and `build_data` that runs them all."""

from ranktrust.intake.build import build_data
from ranktrust.intake.passport import Source, read_sources
from ranktrust.intake.staff_survey import engagement_standard_error

__all__ = ["Source", "build_data", "engagement_standard_error", "read_sources"]
