"""The published figure behind each row as text, under the indicator's disclosure rule."""

import pandas as pd

from ranktrust.disclosure import MARK, Rule, disclose, disclose_parts, find_rule, is_small
from ranktrust.panel import BASE, Panel


def published_figures(panel: Panel) -> pd.Series:
    """The figure of each trust of a one-indicator panel as it may be published, such as `812 of 1,004` or `* of 98`.

    Counts pass through the indicator's rule, as one table whose column totals may be known. An estimate stands unless
    it rests on a small number of responses.
    """
    rows, rule = panel.observations.set_index("trust"), find_rule(panel.only.disclosure)
    texts = {"proportion": _parts, "ratio": _observed, "estimate": _estimates}[panel.only.kind](rows, rule)
    return pd.Series(texts, dtype=object).reindex(rows.index)


def _parts(rows: pd.DataFrame, rule: Rule) -> dict[str, str]:
    shown = disclose_parts(
        {code: (part, whole) for code, part, whole in _columns(rows, "numerator", "denominator")}, rule
    )
    return {code: f"{part.text} of {whole.text}" for code, (part, whole) in shown.items()}


def _observed(rows: pd.DataFrame, rule: Rule) -> dict[str, str]:
    pairs = _columns(rows, "observed", "expected")
    shown, _ = disclose({code: observed for code, observed, _ in pairs}, rule)
    return {code: f"{shown[code].text} observed, expected {expected:,.10g}" for code, _, expected in pairs}


def _estimates(rows: pd.DataFrame, rule: Rule) -> dict[str, str]:
    """Estimates with their standard errors, and a mark in place of those that rest on few responses."""
    few = {code for code, base, _ in _columns(rows, BASE, BASE) if is_small(base, rule)} if BASE in rows else set()
    return {
        code: MARK if code in few else f"{estimate:.2f} (standard error {error:.3f})"
        for code, estimate, error in _columns(rows, "estimate", "standard_error")
    }


def _columns(rows: pd.DataFrame, first: str, second: str) -> list[tuple[str, float, float]]:
    """Code and two figures of every row."""
    return list(zip(map(str, rows.index), rows[first].map(float), rows[second].map(float), strict=True))


def hidden_figures(panel: Panel) -> list[str]:
    """The trusts with a suppressed count."""
    figures = published_figures(panel)
    return [str(code) for code in figures.index if MARK in figures[code]]


def usual_text(panel: Panel, usual: float) -> str:
    """How many events would be usual at a trust without one; in words alone where counts are not published exactly."""
    return f"about {usual:,.0f}" if panel.only.disclosure == "none" else "many"
