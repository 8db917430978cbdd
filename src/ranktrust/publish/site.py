"""The page above the pages: one entry an indicator, with its finding, its verdict and where to read on."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from ranktrust.errors import RunError
from ranktrust.files import write_text
from ranktrust.league import LOWER, MIDDLE, UPPER, LeagueTable, headline, standard_classes
from ranktrust.manifest import MANIFEST, read_manifest
from ranktrust.publish.html import TEMPLATES, markup, style_sheet
from ranktrust.publish.names import INDEX_PAGE, PAGES, league_page, review_page, trajectory_page
from ranktrust.publish.rows import edges_text

_BANDS: Final = {UPPER: ("upper", "upper half"), MIDDLE: ("middle", "not separable"), LOWER: ("lower", "lower half")}


def manifest_of(run: Path) -> Mapping[str, Any] | None:
    """The run's manifest, None where there is none. Raises RunError when it cannot be read."""
    return read_manifest(run) if (run / MANIFEST).is_file() else None


def write_index(
    folder: Path,
    tables: Sequence[LeagueTable],
    manifest: Mapping[str, Any] | None = None,
    *,
    followed: Collection[str] = (),
) -> Path:
    """Write index.html to `folder`: the study, then one entry for each table in the order given.

    `manifest` gives the study's `question` where it has one; an indicator in `followed` has a page on change over
    time. Raises RunError without any table.
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
        entries=[_entry(table, followed) for table in tables],
    )
    return write_text(folder / INDEX_PAGE, text)


def _entry(table: LeagueTable, followed: Collection[str]) -> dict[str, Any]:
    parts, name = counts(table), table.facts.indicator
    return {
        "facts": table.facts,
        "finding": headline(table),
        "league": f"{PAGES}/" + league_page(table.facts.indicator),
        "review": f"{PAGES}/" + review_page(table.facts.indicator),
        "change": f"{PAGES}/" + trajectory_page(name) if name in followed else "",
        "bar": _bar(parts),
        "parts": parts,
    }


def counts(table: LeagueTable) -> list[tuple[str, str, int]]:
    """Class, words and number of trusts of each part of the table, from one end of the bar to the other."""
    if table.facts.ranked:
        found = table.rows["band"].value_counts()
        return [(name, words, int(found.get(band, 0))) for band, (name, words) in _BANDS.items()]
    if table.facts.standard is None:
        return [("neither", "not compared", table.facts.n)]
    found, (above, below) = standard_classes(table).value_counts(), edges_text(table)
    words = {"below": f"below {below}", "neither": "not clearly either", "above": f"above {above}"}
    return [(name, text, int(found.get(name, 0))) for name, text in words.items()]


def _bar(parts: Sequence[tuple[str, str, int]]) -> Markup:
    """A stacked bar of the counts; a part that is empty has no width."""
    total = sum(count for *_, count in parts)
    start, body = 0, Markup("")
    for name, _, count in parts:
        body += markup('<path class="b-{name}" d="M{x} 0h{w}v10h-{w}z"/>', name=name, x=start, w=count)
        start += count
    label = ", ".join(f"{count} {words}" for _, words, count in parts)
    return markup(
        '<svg class="bar" role="img" aria-label="{label}" viewBox="0 0 {n} 10" preserveAspectRatio="none">{body}</svg>',
        label=label, n=total, body=body,
    )  # fmt: skip
