"""Why a published rank may be believed: calibration on the study's own design, and what other honest choices say."""

from ranktrust.evidence.adjustment import adjustment_table, places_of_note
from ranktrust.evidence.agreement import model_rankability, reliability_table
from ranktrust.evidence.back_test import BackTest, read_back_test
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
from ranktrust.evidence.choices import (
    PUBLISHED,
    VIEW_COLUMNS,
    Choice,
    Sensitivity,
    View,
    at_the_ends,
    bands_by_choice,
    comparison,
    from_end_to_end,
    reversal_finding,
    reversed_by_scenarios,
    without_numbers,
)
from ranktrust.evidence.claims import Claims, Segments, some_pairs
from ranktrust.evidence.curves import (
    coverage_table,
    place_curves,
    rank_curves,
    rankings_of,
    reliabilities,
    reliability,
    segment_reliabilities,
    stated,
)
from ranktrust.evidence.files import read_sensitivity, write_sensitivity
from ranktrust.evidence.fit_checks import FitChecks, fit_checks
from ranktrust.evidence.fit_files import read_fit_checks, write_fit_checks
from ranktrust.evidence.held_out import FDR
from ranktrust.evidence.independent import Independent, empirical_bayes, independent
from ranktrust.evidence.independent_files import read_independent, write_independent
from ranktrust.evidence.independent_words import disagreements, independent_sentences
from ranktrust.evidence.judge import Judged, judge
from ranktrust.evidence.power import power_table
from ranktrust.evidence.record import Design, Record, Refit, simulate_one
from ranktrust.evidence.reviews import Review, Standing, read_reviews, sign_run, standing_of, why_void
from ranktrust.evidence.scores import has_scores, log_scores, score_sentences, score_table
from ranktrust.evidence.simulated import panel_of
from ranktrust.evidence.simulations import DESIGN, One, open_folder, read_records, run_simulations

__all__ = [
    "CERTIFICATE",
    "DESIGN",
    "FDR",
    "KINDS",
    "PAGE",
    "PUBLISHED",
    "VIEW_COLUMNS",
    "BackTest",
    "Choice",
    "Claims",
    "Curve",
    "Design",
    "FitChecks",
    "Independent",
    "Judged",
    "One",
    "Record",
    "Refit",
    "Review",
    "Segments",
    "Sensitivity",
    "Standing",
    "View",
    "adjustment_table",
    "at_the_ends",
    "bands_by_choice",
    "certificate_findings",
    "certificate_of",
    "comparison",
    "coverage_table",
    "current_certificate",
    "design_digest",
    "disagreements",
    "empirical_bayes",
    "findings_of",
    "fit_checks",
    "from_end_to_end",
    "has_scores",
    "independent",
    "independent_sentences",
    "judge",
    "log_scores",
    "mean_curve",
    "model_rankability",
    "open_folder",
    "panel_of",
    "place_curves",
    "places_of_note",
    "pooled_curve",
    "power_table",
    "rank_curves",
    "rankings_of",
    "read_back_test",
    "read_certificate",
    "read_fit_checks",
    "read_independent",
    "read_records",
    "read_reviews",
    "read_sensitivity",
    "reliabilities",
    "reliability",
    "reliability_table",
    "reversal_finding",
    "reversed_by_scenarios",
    "run_simulations",
    "score_sentences",
    "score_table",
    "segment_reliabilities",
    "sign_run",
    "simulate_one",
    "some_pairs",
    "standing_of",
    "stated",
    "uniform_curve",
    "why_void",
    "without_numbers",
    "write_certificate",
    "write_fit_checks",
    "write_independent",
    "write_sensitivity",
]
