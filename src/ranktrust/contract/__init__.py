"""Whether a model file keeps the model contract: the checks that `ranktrust models check` and the tests share.

for judged in check_contract(load_model("proportion")):
    judged.name, judged.faults
"""

from ranktrust.contract.checks import CHECKS, Built, Judged, build_small, check_contract
from ranktrust.contract.panels import calibration_panel, made_indicator, make_panel, make_profile, panel_for

__all__ = [
    "CHECKS",
    "Built",
    "Judged",
    "build_small",
    "calibration_panel",
    "check_contract",
    "made_indicator",
    "make_panel",
    "make_profile",
    "panel_for",
]
