"""What pages say of calibration: the page of a certificate, and the sentence on the pages of a run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ranktrust.evidence import KINDS, certificate_findings
from ranktrust.evidence.certificate import FEWEST
from ranktrust.evidence.sentences import listed
from ranktrust.league import LeagueTable
from ranktrust.publish.html import Html, fragment
from ranktrust.words import count_text

_TITLES: Final = {
    "passed": "The claims held on {panels}",
    "failed": "Not fit to publish: claims failed on {panels}",
    "informational": "What the claims rest on, on {panels}",
    "few": "Too few to say that claims hold: {panels}",
}


def calibration_opening(certificate: Mapping[str, Any]) -> Html:
    """The verdict as the page's one heading, what was done, and every finding with its numbers."""
    panels = count_text(certificate["simulations"], "simulated panel")
    return fragment(
        "calibration_opening",
        certificate=certificate,
        title=_TITLES[_title_of(certificate)].format(panels=panels),
        sentences=certificate_sentences(certificate),
        findings=certificate_findings(certificate),
        panels=panels,
    )


def _title_of(certificate: Mapping[str, Any]) -> str:
    few = certificate["kind"] != "misspecified" and certificate["simulations"] < FEWEST
    return "few" if few and certificate["verdict"] == "informational" else str(certificate["verdict"])


def certificate_sentences(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """What was simulated, refitted and judged, in sentences from the certificate's numbers."""
    panels = count_text(certificate["simulations"], "panel")
    misspecified = certificate["kind"] == "misspecified"
    share = 100 * _mean_share(certificate["truth_priors"]) if misspecified else 0.0
    return (
        f"{panels[0].upper()}{panels[1:]} of {certificate['trusts']} trusts were simulated with the denominators, "
        f"expected counts, gaps and context of the real one: {KINDS[certificate['kind']]}.",
        f"The statement {certificate['model']} was fitted to each, and its claims about {certificate['latent']} were "
        f"set beside the truth. {certificate['made_longer']} fits had to be made longer, {certificate['failed_fits']} "
        "failed the computation gate to the end, and none was left out.",
        f"In truth {share:.0f}% of the variance between trusts was nobody's; the statement took it as theirs. Nothing "
        "here is a verdict: it shows what the claims of a page rest on, which no calibration of a statement on itself "
        "can show."
        if misspecified
        else "A pass says that statement, code and sampler agree with one another on this design. It cannot say that "
        "the statement is true of hospitals.",
    )


def certificate_source(certificate: Mapping[str, Any]) -> str:
    """What every caption ends with: how many panels of what were simulated; no figure of a real trust is drawn."""
    panels = count_text(certificate["simulations"], "simulated panel")
    design = f"{certificate['indicator']} of the study {certificate['study']}"
    return f"{panels} of {certificate['trusts']} trusts, with the design of {design}."


def _mean_share(priors: Mapping[str, Any]) -> float:
    alpha, beta, upper = priors["unattributed_share"]
    return float(upper * alpha / (alpha + beta))


def calibration_note(table: LeagueTable, manifest: Mapping[str, Any] | None) -> Html:
    """One sentence on whether a current certificate exists for this table's statement on this design."""
    indicators = (manifest or {}).get("indicators", ())
    found = next((item.get("calibration") for item in indicators if item["name"] == table.facts.indicator), None)
    if not found:
        return fragment("calibration_note", found=None, text="not checked for this design.", page="")
    day = datetime.fromisoformat(found["created"])
    text = f"checked on {count_text(found['simulations'], 'simulated panel')} of this design on {day.day} {day:%B %Y}: "
    return fragment("calibration_note", found=found, text=text, page=f"../{found['page']}")


def calibration_summary(tables: Sequence[LeagueTable], manifest: Mapping[str, Any] | None) -> str:
    """One sentence for a page above all tables: of how many the claims were checked, and of which they failed."""
    found = {item["name"]: item.get("calibration") for item in (manifest or {}).get("indicators", ())}
    checked = [table.facts for table in tables if found.get(table.facts.indicator)]
    count = count_text(len(tables), "table")
    if not checked:
        return f"Calibration: the claims of {count} have not been checked on simulated panels of their design."
    failed, unsure = (
        [facts.title for facts in checked if found[facts.indicator]["verdict"] == verdict]
        for verdict in ("failed", "informational")
    )
    rest = f", and of {len(tables) - len(checked)} they have not been" if len(checked) < len(tables) else ""
    said = [f"They failed on {listed(failed)}."] if failed else []
    if unsure:
        said.append(f"On {listed(unsure)} too little was simulated to say that they hold.")
    if not said:
        said = ["None failed."]
    return (
        f"Calibration: of {len(checked)} of {count} the claims have been checked on simulated panels of their "
        f"design{rest}. {' '.join(said)}"
    )
