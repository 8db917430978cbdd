"""The block on fit to the data: what the statement replicates, and which trusts it does not."""

from typing import TYPE_CHECKING, Final

from ranktrust.evidence import FitChecks
from ranktrust.league import LeagueTable
from ranktrust.publish.html import Html, fragment, markup
from ranktrust.publish.sensitivity import section, section_table, who
from ranktrust.words import count_text

if TYPE_CHECKING:
    import pandas as pd

SHOWN: Final = 8
_HEADING: Final = ("Do the figures look like the model's?", "fit")


def fit_title(checks: FitChecks | None) -> str:
    """How the checks of fit went, in words that follow those on the computation; nothing where there are none."""
    judged = [item for item in checks.findings if item.verdict != "informational"] if checks else []
    failed = sum(item.verdict == "failed" for item in judged)
    if not judged:
        return ""
    return f"{failed} of {len(judged)} checks of fit failed" if failed else f"all {len(judged)} checks of fit passed"


def fit_sentence(checks: FitChecks | None) -> str:
    """Which checks of fit failed, by name; nothing where there are none."""
    title = fit_title(checks)
    if checks is None or not title:
        return ""
    failed = [item.name for item in checks.findings if item.verdict == "failed"]
    return f"{title}: {', '.join(failed)}." if failed else f"{title}."


def checks_title(*, passed: bool, checks: FitChecks | None) -> str:
    """How the computation and the fit of one indicator were judged, in one phrase."""
    parts = ["the computation passed its checks" if passed else "the computation failed its checks", fit_title(checks)]
    return "; ".join(filter(None, parts))


def fit_to_data(table: LeagueTable, checks: FitChecks | None) -> Html:
    """Every check of fit with its numbers, and the trusts that are hardest to predict from the others."""
    if checks is None:
        return section(*_HEADING, ["Not checked: the run holds no checks of fit. Run the study again."])
    if checks.trusts.empty:
        return section(*_HEADING, [finding.sentence for finding in checks.findings])
    said = [
        f"Each draw gives every {table.facts.noun} a new effect from the law that they share, and a figure from that "
        "effect. A failed check does not stop publication: it says what the statement does not know of these figures.",
    ]
    rows = [
        [_name(item.name), _chip(item.verdict), item.sentence, item.remedy or "nothing"] for item in checks.findings
    ]
    caption = "What was found beside what the statement replicates, distances in standard deviations of the link scale."
    parts = [section_table(caption, ("Check", "Verdict", "Numbers", "What to do"), rows, "fit"), _trusts(table, checks)]
    return section(*_HEADING, said, *parts)


def _trusts(table: LeagueTable, checks: FitChecks) -> Html:
    """The trusts with the smallest conflict p values, to open."""
    names = table.rows["trust_name"].to_dict()
    frame = checks.trusts.sort_values("p_value").head(SHOWN)
    rows = [[who(str(trust), str(names.get(trust, ""))), *_cells(row)] for trust, row in frame.iterrows()]
    heads = (
        table.facts.noun.capitalize(),
        "P(no larger under the others)",
        "Conflict p",
        "Adjusted for all",
        "Log score",
    )
    caption = f"The {count_text(len(rows), table.facts.noun)} hardest to predict from the others."
    return fragment("details", summary=caption.rstrip("."), body=section_table(caption, heads, rows, "conflicts"))


def _cells(row: "pd.Series[float]") -> list[str]:
    return [f"{row['p_below']:.4f}", f"{row['p_value']:.2g}", f"{row['q_value']:.2f}", f"{row['elpd']:.2f}"]


def _name(name: str) -> Html:
    return Html(str(markup('<span class="name">{name}</span>', name=name)))


def _chip(verdict: str) -> Html:
    return Html(str(markup('<span class="chip {verdict}">{verdict}</span>', verdict=verdict)))
