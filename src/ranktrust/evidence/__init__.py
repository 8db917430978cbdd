"""Why a published rank may be believed: calibration of every claim on the study's own design."""

from ranktrust.evidence.bands import Curve, mean_curve, pooled_curve, uniform_curve
from ranktrust.evidence.certificate import (
    CERTIFICATE,
    KINDS,
    PAGE,
    certificate_findings,
    certificate_of,
    current_certificate,
    design_digest,
    findings_of,
    read_certificate,
    write_certificate,
)
from ranktrust.evidence.claims import Claims, some_pairs
from ranktrust.evidence.curves import (
    coverage_table,
    place_curves,
    rank_curves,
    rankings_of,
    reliabilities,
    reliability,
    stated,
)
from ranktrust.evidence.judge import Judged, judge
from ranktrust.evidence.record import Design, Record, Refit, simulate_one
from ranktrust.evidence.simulated import panel_of
from ranktrust.evidence.simulations import One, open_folder, read_records, run_simulations

__all__ = [
    "CERTIFICATE",
    "KINDS",
    "PAGE",
    "Claims",
    "Curve",
    "Design",
    "Judged",
    "One",
    "Record",
    "Refit",
    "certificate_findings",
    "certificate_of",
    "coverage_table",
    "current_certificate",
    "design_digest",
    "findings_of",
    "judge",
    "mean_curve",
    "open_folder",
    "panel_of",
    "place_curves",
    "pooled_curve",
    "rank_curves",
    "rankings_of",
    "read_certificate",
    "read_records",
    "reliabilities",
    "reliability",
    "run_simulations",
    "simulate_one",
    "some_pairs",
    "stated",
    "uniform_curve",
    "write_certificate",
]
