"""Which figures are not there, and why: the three kinds of missing value (docs/statistics.md, decision 7)."""

from collections.abc import Mapping
from typing import Final, get_args

import pandas as pd
import xarray as xr

from ranktrust.panel import Panel
from ranktrust.vocabulary import INDICATOR, TRUST, MissingReason

NOT_APPLICABLE: Final[MissingReason] = "not_applicable"
BY_DESIGN: Final[MissingReason] = "by_design"
UNKNOWN: Final = "unknown"
REASONS: Final = (*get_args(MissingReason), UNKNOWN)
"""Why a figure is not there; unknown where the figures give no reason, which counts as not submitted."""
_HEAVIEST: Final = ("not_submitted", "suppressed", BY_DESIGN, NOT_APPLICABLE)


def absences(panels: Mapping[str, Panel], trusts: xr.DataArray) -> xr.DataArray:
    """Why each trust has no figure of each indicator, (trust, indicator): a reason, or an empty text where it has one.

    Read from the panels' observations, never from draws: a level may be imputed. Where periods of one window give
    several reasons, not submitted goes before suppressed, by design, and not applicable.
    """
    codes = [str(code) for code in trusts.to_numpy()]
    columns = {name: _reasons(panel, codes) for name, panel in panels.items()}
    frame = pd.DataFrame(columns, index=codes).astype(str)
    coords = {TRUST: codes, INDICATOR: list(columns)}
    return xr.DataArray(frame.to_numpy(dtype=str), dims=(TRUST, INDICATOR), coords=coords)


def _reasons(panel: Panel, codes: list[str]) -> pd.Series:
    there = set(panel.observations[TRUST])
    rows = panel.missing.groupby(TRUST)["reason"].agg(set)
    said = {str(trust): next((reason for reason in _HEAVIEST if reason in found), UNKNOWN)
            for trust, found in rows.items()}  # fmt: skip
    return pd.Series({code: "" if code in there else said.get(code, UNKNOWN) for code in codes})


def has_figure(absent: xr.DataArray) -> xr.DataArray:
    """Whether a trust has a figure, (trust, indicator)."""
    return absent == ""


def is_silent(absent: xr.DataArray) -> xr.DataArray:
    """Whether a figure that should be there is not: not submitted, suppressed, or missing without a known reason."""
    return ~absent.isin(["", NOT_APPLICABLE, BY_DESIGN])


def may_impute(absent: xr.DataArray) -> xr.DataArray:
    """Whether a level may stand for the trust: there is a figure, or it is missing and the indicator applies."""
    return absent != NOT_APPLICABLE
