"""The blocks of a diagnostics page: the verdict first, then the evidence behind it."""

from collections.abc import Sequence

import numpy as np

from ranktrust.evidence import FitChecks
from ranktrust.gate import Finding, gate_passed
from ranktrust.league import LeagueTable
from ranktrust.publish.fit import fit_title
from ranktrust.publish.html import Html, fragment
from ranktrust.words import count_text


def verdict(table: LeagueTable, findings: Sequence[Finding], checks: FitChecks | None = None) -> Html:
    """Whether the fit may be published, as the page's one heading, then every finding with its numbers.

    `checks` add how the fit to the data went; they block nothing.
    """
    failed = [finding for finding in findings if finding.verdict == "failed"]
    total = count_text(len(findings), "check")
    title = (
        f"The computation passed all {total}"
        if gate_passed(findings)
        else f"Not fit to publish: {len(failed)} of {total} failed"
    )
    title = "; ".join(filter(None, [title, fit_title(checks)]))
    return fragment("verdict", facts=table.facts, title=title, passed=gate_passed(findings), findings=findings)


def worst_series(finding: Finding, *, rows: int = 8) -> Html:
    """The weakest series behind a finding, failed ones first, as a table."""
    shown = finding.table.head(rows).reset_index()
    return fragment(
        "worst",
        name=finding.name,
        heads=[_head(str(name)) for name in shown.columns],
        rows=[[_cell(value) for value in row] for row in shown.itertuples(index=False)],
        total=len(finding.table),
    )


def _head(name: str) -> str:
    return {"rhat": "R-hat", "ess_bulk": "ESS, bulk", "ess_tail": "ESS, tail", "ebfmi": "E-BFMI"}.get(
        name, name.replace("_", " ")
    )


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "none" if np.isnan(value) else f"{value:,.4f}" if value < 10 else f"{value:,.0f}"
    return str(value)


def weakest(findings: Sequence[Finding], *, rows: int = 8) -> Html:
    """The weakest series of each finding that looked at series."""
    shown = [worst_series(finding, rows=rows).text for finding in findings if "ess_bulk" in finding.table.columns]
    return fragment("details", summary="The weakest series of each kind", body=Html("".join(shown)))
