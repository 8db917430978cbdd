"""Whether the statement fits the figures: findings of the statistical gate, which inform and never block.

A check fails where what was found lies outside 99 % of what the statement replicates (its p values, multiplied by how
many quantities it looks at, below LEVEL), or where a trust is in conflict with the others at the false discovery rate.
Of a statement that is right and has six checks, about one in twenty fails one.
"""

from dataclasses import dataclass, field
from typing import Final

import pandas as pd
import xarray as xr

from ranktrust.evidence.held_out import COLUMNS as HELD_OUT
from ranktrust.evidence.held_out import FDR, held_out
from ranktrust.evidence.kernels import figures_of
from ranktrust.evidence.laws import gives_back, law_of
from ranktrust.evidence.mixed import mixed_checks
from ranktrust.gate import Finding
from ranktrust.panel import Panel
from ranktrust.vocabulary import TRUST

LEVEL: Final = 0.01
HIGH_K: Final = 0.7
_REMEDIES: Final = {
    "dispersion": "Look for a spread that differs by size or by group, and state it: one spread for all misleads the "
    "ranks of those that differ more, or less, than the rest.",
    "extreme trusts": "Check the returns of the trusts farthest out; if they are right, try the statement with heavy "
    "tails.",
    "national total": "Large and small trusts differ in level: adjust for size, or say that the mean is of trusts, not "
    "of patients.",
    "zero counts": "Check the returns of trusts without an event, or without any other: a return not made is no zero.",
}
_CONFLICT: Final = (
    "Check the returns of these trusts; if they are right, pooling draws them towards a law that they do not follow: "
    "try the statement with heavy tails."
)


@dataclass(frozen=True, eq=False)
class FitChecks:
    """The findings, and by trust how well it is predicted from the others (`held_out.COLUMNS`, empty if unknown)."""

    findings: tuple[Finding, ...]
    trusts: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=list(HELD_OUT), index=pd.Index([], name=TRUST))
    )


def fit_checks(fit: xr.DataTree, panel: Panel) -> FitChecks:
    """Mixed predictive checks and leave-one-trust-out conflicts of a one-indicator fit, from its draws alone.

    One informational finding where the statement's law of trusts cannot be read from its draws, or the panel has not
    one figure a trust.
    """
    figures, law = figures_of(panel), law_of(fit["posterior"].to_dataset(), panel)
    if figures is None or law is None or not gives_back(fit, law):
        said = (
            "Not checked: the statement does not give its trusts a level by a normal or Student's t law that can be "
            "read from its draws, so no new trust can be drawn."
        )
        return FitChecks((Finding("fit to the data", "informational", said, "", pd.DataFrame()),))
    rows = mixed_checks(figures, law)
    trusts = held_out(figures, law)
    found = [_mixed(str(check), part, len(law.centre)) for check, part in rows.groupby("check", sort=False)]
    return FitChecks((*found, _conflicts(trusts, len(law.centre)), _left_out(trusts)), trusts)


def _mixed(check: str, rows: pd.DataFrame, draws: int) -> Finding:
    failed = rows["p_value"] * len(rows) < LEVEL
    shown = rows[failed] if failed.any() else rows
    said = "; ".join(_quantity(row, draws) for _, row in shown.iterrows())
    table = rows.drop(columns="check").set_index("quantity")
    if failed.any():
        return Finding(check, "failed", f"Not what the statement replicates: {said}.", _REMEDIES[check], table)
    return Finding(check, "passed", f"As the statement replicates: {said}.", "", table)


def _quantity(row: pd.Series, draws: int) -> str:
    found, median, lower, upper = (_text(row[name]) for name in ("found", "replicated", "lower", "upper"))
    return f"{row['quantity']} {found}, replicated {median} (99% {lower} to {upper}), {_p(row, draws)}"


def _text(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def _p(row: pd.Series, draws: int) -> str:
    """The p value, never below what so many replicates can show."""
    least = 2 / draws
    return f"p < {least:.1g}" if row["p_value"] < least else f"p = {row['p_value']:.2g}"


def _conflicts(trusts: pd.DataFrame, draws: int) -> Finding:
    table = trusts.sort_values("p_value")[["p_below", "p_value", "q_value", "conflict"]]
    named = list(map(str, table.index[table["conflict"]]))
    least = f"smallest p {table['p_value'].iloc[0]:.2g}, of {len(table)} ({draws:,} draws)"
    if named:
        verb = "is" if len(named) == 1 else "are"
        said = (
            f"{len(named)} of {len(table)} {verb} in conflict with the law of the others, at a false discovery rate of"
        )
        return Finding("conflict", "failed", f"{said} {100 * FDR:.0f}%: {', '.join(named)}.", _CONFLICT, table)
    return Finding("conflict", "passed", f"None is in conflict with the law of the others: {least}.", "", table)


def _left_out(trusts: pd.DataFrame) -> Finding:
    """The expected log score of trusts left out; how far its importance weights can be relied on informs, no more."""
    score, error = trusts["elpd"].sum(), (len(trusts) * trusts["elpd"].var()) ** 0.5
    high = int((trusts["pareto_k"] > HIGH_K).sum()) or "none"
    said = (
        f"Expected log score of trusts left out: {score:,.1f} (standard error {error:,.1f}); largest Pareto k "
        f"{trusts['pareto_k'].max():.2f}, {high} above {HIGH_K}."
    )
    table = trusts[["elpd", "pareto_k"]].sort_values("pareto_k", ascending=False)
    return Finding("left out", "informational", said, "", table)
