"""The pages of single trusts: their jobs, and the index that leads to them with plain links."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from ranktrust.files import write_text
from ranktrust.publish.compare import compared
from ranktrust.publish.html import fragment, style_sheet
from ranktrust.publish.jobs import Job
from ranktrust.publish.loaded import Loaded, load_run
from ranktrust.publish.names import (
    COMPARE_PAGE,
    METHOD_PAGE,
    REGIONS_PAGE,
    SUPPORT_PAGE,
    TRUSTS_PAGE,
    run_pages,
    trust_page,
)

NOTEBOOKS = {
    "trust": "trust_profile",
    "compare": "compare",
    "support": "support",
    "regions": "regions",
    "method": "method",
}
"""The notebooks behind the pages on all indicators together, by what they are about."""
_FIRST, *_OTHERS = run_pages()
_TRUSTS, _COMPARE = (TRUSTS_PAGE, "All trusts"), (COMPARE_PAGE, "Compare two")


def trust_jobs(run: Path, out: Path, notebook: Path) -> list[Job]:
    """One page a trust of any league table of the run, as jobs that write into `out`."""
    links = trust_links(load_run(run))
    return [
        Job(notebook, out / trust_page(str(code)), {"run": str(run.resolve()), "trust": str(code)}, links)
        for code in load_run(run).trusts.index
    ]


def acting_jobs(run: Path, out: Path, notebooks: Mapping[str, Path]) -> list[Job]:
    """The page on the method; those on pairs, support and regions where the run can speak of them; one page a trust."""
    loaded = load_run(run)
    frames = [found.frames for found in loaded.decisions.values()]
    wanted = {
        "method": (METHOD_PAGE, True),
        "compare": (COMPARE_PAGE, bool(compared(loaded))),
        "support": (SUPPORT_PAGE, any(len(found["totals"]) for found in frames)),
        "regions": (REGIONS_PAGE, any(len(found["within"]) for found in frames)),
    }
    parameters, links = {"run": str(run.resolve())}, trust_links(loaded)
    jobs = [Job(notebooks[name], out / page, parameters, links) for name, (page, there) in wanted.items() if there]
    return [*jobs, *trust_jobs(run, out, notebooks["trust"])]


def trust_links(run: Loaded) -> Sequence[tuple[str, str]]:
    """Address and words of the pages that a trust's page links to at its head."""
    noun = run.first.facts.noun
    links = (_FIRST, _TRUSTS, *([_COMPARE] if compared(run) else []), *_OTHERS)
    return tuple((address, words.replace("trusts", f"{noun}s")) for address, words in links)


def write_trusts_index(run: Path, out: Path, *, notice: Sequence[str] = ()) -> Path:
    """Write the index of trusts to `out`: by region where there are regions, by name within; `notice` on top."""
    loaded = load_run(run)
    rows = [(str(row.region), str(row.trust_name), str(row.Index)) for row in loaded.trusts.itertuples()]
    groups = [
        (region, [(trust_page(code), name, code) for _, name, code in members])
        for region, members in groupby(sorted(rows), key=lambda row: row[0])
    ]
    facts = loaded.first.facts
    text = fragment(
        "trusts",
        title=f"All {len(rows)} {facts.noun}s of this study",
        css=Markup(style_sheet()),  # noqa: S704 - our own file
        pages=trust_links(loaded),
        own=TRUSTS_PAGE,
        facts=facts,
        groups=groups,
        notice=notice,
    )
    return write_text(out / TRUSTS_PAGE, text.text)
