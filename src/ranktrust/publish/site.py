"""The page above the pages: one entry an indicator, with its finding, its verdict and where to read on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ranktrust.errors import RunError
from ranktrust.evidence import read_fit_checks
from ranktrust.files import write_text
from ranktrust.league import LeagueTable, band_tone, bands_line, headline, standard_classes
from ranktrust.manifest import MANIFEST, read_manifest
from ranktrust.publish.calibration import calibration_summary
from ranktrust.publish.fit import fit_title
from ranktrust.publish.html import TEMPLATES, markup, style_sheet
from ranktrust.publish.names import (
    INDEX_PAGE,
    PAGES,
    TRUSTS_PAGE,
    league_page,
    review_page,
    sensitivity_page,
    trajectory_page,
)
from ranktrust.publish.notice import gate_notice
from ranktrust.publish.record import review_state
from ranktrust.publish.report import REPORT
from ranktrust.publish.rows import edges_text


def manifest_of(run: Path) -> Mapping[str, Any] | None:
    """The run's manifest, None where there is none. Raises RunError when it cannot be read."""
    return read_manifest(run) if (run / MANIFEST).is_file() else None


def write_index(  # noqa: PLR0913 - what the index leads to, part by part
    folder: Path,
    tables: Sequence[LeagueTable],
    manifest: Mapping[str, Any] | None = None,
    *,
    scores: Sequence[str] = (),
    files: str = "",
    run: Path | None = None,
) -> Path:
    """Write index.html to `folder`: the study, then one entry for each table in the order given.

    `manifest` gives the study's `question` where it has one; `scores` are the file names of pages that add indicators
    up, and `files` the folder of spreadsheet and data files; `run` is the run's folder where that is another. An
    indicator in whose pages is one on change over time is linked to it. Raises RunError without any table.
    """
    if not tables:
        raise RunError(f"{folder}: an index needs at least one league table")
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.get_template("index.html.j2").render(
        title=tables[0].facts.study_title,
        css=Markup(style_sheet()),  # noqa: S704 - our own file
        pages=(),
        own=INDEX_PAGE,
        question=str((manifest or {}).get("question", "")),
        facts=tables[0].facts,
        entries=[_entry(table, folder, run or folder) for table in tables],
        scores=scores,
        notice=gate_notice(manifest or {}),
        calibration=calibration_summary(tables, manifest),
        reviewed=_reviewed(folder, run),
        files=files,
        trusts=(folder / PAGES / TRUSTS_PAGE).is_file(),
        crate=bool(files),
        report=REPORT if files and (folder / REPORT).is_file() else "",
    )
    return write_text(folder / INDEX_PAGE, text)


def _reviewed(folder: Path, run: Path | None) -> str:
    """How the review stands, in a publication; of a run's own index, which no review may change, nothing."""
    published = run is not None and run.resolve() != folder.resolve() and (run / MANIFEST).is_file()
    return review_state(run) if run is not None and published else ""


def _entry(table: LeagueTable, folder: Path, run: Path) -> dict[str, Any]:
    parts = counts(table)
    named = parts if not table.facts.ranked or len(parts) == 1 else [parts[0], parts[-1]]
    compared = f"{PAGES}/{sensitivity_page(table.facts.indicator)}"
    changed = f"{PAGES}/{trajectory_page(table.facts.indicator)}"
    return {
        "facts": table.facts,
        "finding": headline(table),
        "bands": bands_line(table),
        "league": f"{PAGES}/" + league_page(table.facts.indicator),
        "review": f"{PAGES}/" + review_page(table.facts.indicator),
        "sensitivity": compared if (folder / compared).is_file() else "",
        "change": changed if (folder / changed).is_file() else "",
        "checked": _checked(table, run),
        "bar": _bar(parts),
        "parts": named,
        "between": f"{table.facts.bands} bands" if len(named) < len(parts) else "",
    }


def _checked(table: LeagueTable, run: Path) -> str:
    """What the diagnostics page says first, in a few words."""
    if not table.facts.gate_passed:
        return "checks failed"
    fit = fit_title(read_fit_checks(run / "tables", table.facts.indicator))
    return f"computation passed, {fit}" if fit else "computation passed"


def counts(table: LeagueTable) -> list[tuple[str, str, int]]:
    """Class, words and number of trusts of each part of the table, from one end of the bar to the other."""
    if table.facts.ranked:
        return _of_bands(table)
    if table.facts.standard is None:
        return [("neither", "not compared", table.facts.n)]
    found, (above, below) = standard_classes(table).value_counts(), edges_text(table)
    words = {"below": f"below {below}", "neither": "not clearly either", "above": f"above {above}"}
    return [(name, text, int(found.get(name, 0))) for name, text in words.items()]


def _of_bands(table: LeagueTable) -> list[tuple[str, str, int]]:
    count, sizes = table.facts.bands, table.facts.band_sizes
    words = ["in one band"] if count == 1 else [f"in band {band}" for band in range(1, count + 1)]
    return [(f"tone t{band_tone(at + 1, count)}", words[at], size) for at, size in enumerate(sizes)]


def _bar(parts: Sequence[tuple[str, str, int]]) -> Markup:
    """A stacked bar of the counts; a part that is empty has no width."""
    total = sum(count for *_, count in parts)
    start, body = 0, Markup("")
    for name, _, count in parts:
        body += markup('<path class="{name}" d="M{x} 0h{w}v10h-{w}z"/>', name=name, x=start, w=count)
        start += count
    label = ", ".join(f"{count} {words}" for _, words, count in parts)
    return markup(
        '<svg class="bar" role="img" aria-label="{label}" viewBox="0 0 {n} 10" preserveAspectRatio="none">{body}</svg>',
        label=label, n=total, body=body,
    )  # fmt: skip
