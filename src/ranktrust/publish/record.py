"""The review of a run: its verdicts on one screen, and the page that shows who decided what."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ranktrust.evidence import Standing, read_fit_checks, read_reviews, standing_of, why_void
from ranktrust.files import sha256_of, write_text
from ranktrust.manifest import ALLOWED, MANIFEST, REVIEW_PAGE, changed_files, read_manifest
from ranktrust.publish.fit import fit_title
from ranktrust.publish.html import TEMPLATES, style_sheet
from ranktrust.publish.names import INDEX_PAGE, PAGES, review_page
from ranktrust.publish.notice import failed_parts, gate_notice
from ranktrust.publish.sensitivity import section_table

_TITLES: Final[dict[Standing, str]] = {
    "accepted": "This run was reviewed and accepted",
    "rejected": "This run was reviewed and rejected",
    "void": "The run has changed since it was reviewed, so no decision on it holds",
    "not reviewed": "This run has not been reviewed",
}
_HEADS: Final = ("Indicator", "Computation", "Fit to the data", "Calibration", "Diagnostics")


def _verdicts(folder: Path, manifest: dict[str, Any]) -> list[tuple[str, ...]]:
    """One row an indicator: name, computation, fit, calibration, and where its diagnostics page is."""
    rows: list[tuple[str, ...]] = []
    for entry in manifest["indicators"]:
        name, certificate = str(entry["name"]), entry.get("calibration")
        checks = read_fit_checks(folder / "tables", name)
        failed = [item.name for item in checks.findings if item.verdict == "failed"] if checks else []
        fit = fit_title(checks) or "not checked"
        rows.append((
            name,
            "passed" if entry["gate_passed"] else "FAILED",
            f"{fit}: {', '.join(failed)}" if failed else fit,
            f"{certificate['verdict']}, {certificate['simulations']} simulations" if certificate else "no certificate",
            f"{PAGES}/{review_page(name)}",
        ))  # fmt: skip
    return rows


def review_lines(folder: Path) -> list[str]:
    """What a reviewer needs first, a screen of it. Raises RunError where the folder is no run."""
    manifest, changed = read_manifest(folder), changed_files(folder)
    rows = [_HEADS, *_verdicts(folder, manifest)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADS))]
    files = f"changed since the run was written: {', '.join(changed)}" if changed else "as the run was written"
    failed = failed_parts(manifest)
    allowed = f"; allowed: {manifest[ALLOWED]}" if failed and manifest.get(ALLOWED) else ""
    return [
        f"{manifest['study']['title']}, run {manifest['run_id']}, made {manifest['created']}",
        f"Computation: {'FAILED for ' + ', '.join(failed) + allowed if failed else 'every fit passed'}",
        f"Files: {files}",
        f"Review: {standing_of(folder)}",
        *(f"  {line}" for line in _decisions(folder)),
        "",
        *("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows),
        "",
        f"Pages: {folder.resolve() / PAGES}",
    ]


def _decisions(folder: Path) -> list[str]:
    lines = []
    for review in read_reviews(folder):
        void = why_void(folder, review)
        held = f" VOID, {void}" if void else ""
        lines.append(f"{review.signed} {review.reviewer}: {review.decision}. {review.note}{held}")
    return lines


def review_state(folder: Path) -> str:
    """How the review of the run stands now, in one sentence without its full stop: who has decided what, and when."""
    standing = standing_of(folder)
    held = [one for one in read_reviews(folder) if f"{one.decision}ed" == standing and not why_void(folder, one)]
    if not held:
        return _TITLES[standing]
    signed = datetime.fromisoformat(held[-1].signed)
    return f"{_TITLES[standing]} by {held[-1].reviewer} on {signed.day} {signed:%B %Y}"


def write_record(folder: Path, out: Path | None = None) -> Path:
    """Write review.html of the run `folder` from its records as they stand now, into `out` or the run itself."""
    manifest, standing = read_manifest(folder), standing_of(folder)
    decisions = [
        (one.reviewer, one.decision, one.signed, one.note, why_void(folder, one) or "holds")
        for one in read_reviews(folder)
    ]
    heads = ("Reviewer", "Decision", "When", "Note", "Now")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.get_template("review.html.j2").render(
        title=_TITLES[standing],
        css=Markup(style_sheet()),  # noqa: S704 - our own file
        pages=((INDEX_PAGE, "All indicators"), (REVIEW_PAGE, "Review")),
        own=REVIEW_PAGE,
        notice=gate_notice(manifest),
        study=manifest["study"]["title"],
        run_id=manifest["run_id"],
        written=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=decisions,
        table=section_table("Every decision, oldest first.", heads, decisions, "decisions"),
        findings=section_table("Verdicts by indicator.", _HEADS, _linked(folder, manifest), "verdicts"),
        digest=sha256_of(folder / MANIFEST),
    )
    return write_text((out or folder) / REVIEW_PAGE, text)


def _linked(folder: Path, manifest: dict[str, Any]) -> list[tuple[object, ...]]:
    """The verdicts with their pages as links."""
    link = Markup('<a href="{page}">diagnostics of {name}</a>')
    return [(*row[:-1], link.format(page=row[-1], name=row[0])) for row in _verdicts(folder, manifest)]
