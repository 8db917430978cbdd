"""Every layout that can be read, in the order in which they are tried."""

from typing import Final

from ranktrust.intake.layouts import (
    ae,
    beds,
    cancelled,
    cancer,
    cancer_csv,
    diagnostics,
    fft,
    oversight,
    reference,
    rtt,
    shmi,
    staff_survey,
    tidy,
)
from ranktrust.intake.layouts.layout import Layout

LAYOUTS: Final[tuple[Layout, ...]] = (
    rtt.LAYOUT,
    ae.WORKBOOK,
    ae.CSV,
    cancer.LAYOUT,
    cancer_csv.LAYOUT,
    staff_survey.LAYOUT,
    diagnostics.LAYOUT,
    beds.LAYOUT,
    cancelled.LAYOUT,
    shmi.OLD_LAYOUT,
    shmi.FIGURES_LAYOUT,
    shmi.CURRENT_LAYOUT,
    fft.FIGURES_LAYOUT,
    fft.PUBLIC_LAYOUT,
    oversight.LEAGUE,
    oversight.METRIC,
    oversight.FIGURES,
    *reference.LAYOUTS,
    tidy.LAYOUT,
)
