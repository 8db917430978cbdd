"""The pages of a run: those whose inputs are unchanged carried over from the store, the others rendered and kept."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from ranktrust.assets import PACKAGE_DATA, find_asset
from ranktrust.errors import RanktrustError
from ranktrust.files import sha256_of, write_text
from ranktrust.manifest import MANIFEST
from ranktrust.publish import Job, page_text, render_pages
from ranktrust.run.elsewhere import Common, common_with, in_common
from ranktrust.run.finished import Kept, Piece, digest_of, find_kept, keep
from ranktrust.run.prints import print_of_code, print_of_versions
from ranktrust.worker import Scatter

LOG = logging.getLogger("ranktrust.run")
OWN: Final = ("run_id", "created")
"""The values of a manifest that name the run: a page that is carried over has those of the run it is carried into."""


@dataclass(frozen=True, eq=False)
class Rendered:
    """What became of a run's pages: the digests of all, and the names of those that were rendered now."""

    digests: frozenset[str]
    fresh: tuple[str, ...]


def render_scattered(
    scatter: Scatter, run: Path, jobs: Sequence[Job], *, report: Callable[[str, float], None]
) -> list[Path]:
    """What `render_pages` does, wherever `scatter` has it done: a page a task, each written here as it comes.

    `run` is the folder that the pages read. Pages whose workers were lost again and again are rendered here.
    """
    common = common_with(run / MANIFEST, *(job.notebook for job in jobs))
    places, done = {job.out.name: job.out for job in jobs}, set[str]()
    for name, text, warned in scatter(partial(_text, common), jobs):
        for line in warned:
            LOG.warning("%s", line)
        write_text(places[name], text)
        done.add(name)
        report(name, len(done) / len(jobs))
    left = [job for job in jobs if job.out.name not in done]
    if left:
        render_pages(left, report=report)
    return [job.out for job in jobs]


def _text(common: Common, job: Job) -> tuple[str, str, list[str]]:
    """A page by its file name, in whatever process, and what this process warned of meanwhile."""
    with in_common(common), _heard() as warned:
        return job.out.name, page_text(job), warned


@contextmanager
def _heard() -> Iterator[list[str]]:
    """The warnings of a run that are said inside, for the log of a run that another process keeps."""
    warned: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: warned.append(record.getMessage())  # type: ignore[method-assign]
    LOG.addHandler(listener)
    try:
        yield warned
    finally:
        LOG.removeHandler(listener)


def render_kept(  # noqa: PLR0913, PLR0917 - where to, what, and how
    store: Path,
    part: Path,
    jobs: Sequence[Job],
    manifest: Mapping[str, Any],
    report: Callable[[str, float], None],
    scatter: Scatter | None = None,
) -> Rendered:
    """Write every page of the run in the making at `part`; each is kept as soon as it is whole. Raises RunError."""
    files = _digests_of(part)
    pieces = {job.out: piece_of_page(job, files, manifest) for job in jobs}
    kept = {job.out: find_kept(store, pieces[job.out]) for job in jobs}
    for out, found in kept.items():
        if found is not None:
            write_text(out, _carried(found, out, manifest))
    todo = [job for job in jobs if kept[job.out] is None]
    waiting = [job.out for job in todo]

    def keep_whole() -> None:
        for out in [path for path in waiting if path.is_file()]:
            waiting.remove(out)
            keep(store, pieces[out], {out.name: out}, {name: manifest[name] for name in OWN})

    def said(name: str, fraction: float) -> None:
        keep_whole()
        report(name, fraction)

    if todo and scatter is not None:
        render_scattered(scatter, part, todo, report=said)
    elif todo:
        render_pages(todo, report=said)
    keep_whole()
    return Rendered(frozenset(piece.digest for piece in pieces.values()), tuple(job.out.name for job in todo))


def _carried(kept: Kept, out: Path, manifest: Mapping[str, Any]) -> str:
    text = (kept.files / out.name).read_text(encoding="utf-8")
    for name in OWN:
        text = text.replace(str(kept.said[name]), str(manifest[name]))
    return text


def piece_of_page(job: Job, files: Mapping[Path, str], manifest: Mapping[str, Any]) -> Piece:
    """A page as a piece: its notebook, parameters, links and notice, and the files and facts that it may read.

    `files` are the digests of the run's files by place. A shipped page on one indicator reads that indicator's files,
    and that on change over time the ledger too; any other page may read everything. A notebook beside the study is a
    person's own, so nothing is known of what it reads.
    """
    facts = {name: value for name, value in manifest.items() if name not in OWN}
    if "indicator" in job.parameters and _is_shipped(job.notebook):
        indicator, ledger = str(job.parameters["indicator"]), job.notebook.stem == "change_over_time"
        facts = _facts_for(indicator, facts)
        files = {place: digest for place, digest in files.items() if concerns(place, indicator, ledger=ledger)}
    inputs = {
        "notebook": sha256_of(job.notebook),
        "links and notices": digest_of([sorted(_plain(job).items()), [list(link) for link in job.links]]),
        "what it reads": digest_of([facts, {place.as_posix(): digest for place, digest in files.items()}]),
        "code": print_of_code(),
        "versions and lock": print_of_versions(),
    }
    return Piece(f"page {job.out.name}", inputs)


def _plain(job: Job) -> dict[str, str]:
    parameters = {name: str(value) for name, value in job.parameters.items() if name != "run"}
    return {**parameters, "notice": "\n".join(job.notice), "file": job.out.name}


def _is_shipped(notebook: Path) -> bool:
    try:
        return find_asset("notebooks", notebook.stem) == notebook or PACKAGE_DATA in notebook.parents
    except RanktrustError:
        return False


def _facts_for(indicator: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Of a manifest what a page on one indicator shows: its plain values and the indicator's own entries."""
    plain = {name: value for name, value in manifest.items() if isinstance(value, str | int | float | None)}
    own = [entry for entry in manifest["indicators"] if entry["name"] == indicator]
    return {**plain, "indicators": own}


def _digests_of(part: Path) -> dict[Path, str]:
    """Digests of the files of a run that pages read, by their place."""
    folders = (part / name for name in ("tables", "fits", "calibration"))
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(part): sha256_of(path) for path in paths}


def concerns(place: Path, indicator: str, *, ledger: bool) -> bool:
    """Whether a file of a run is one of an indicator's own, or of the ledger where that counts."""
    own = indicator in place.parts or place.name.partition(".")[0] == indicator
    return own or (ledger and len(place.parts) == 2 and place.parts[0] == "tables")
