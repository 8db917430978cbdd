"""The pages of a run as jobs: a notebook, its parameters and the pages it links to, each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ranktrust.evidence.files import FACTS as SENSITIVITY_FACTS
from ranktrust.publish.names import (
    DATA_PAGE,
    SCORE_PAGES,
    league_page,
    review_page,
    run_pages,
    sensitivity_page,
    sibling_pages,
    trajectory_page,
)


@dataclass(frozen=True)
class Job:
    """One page: the notebook, where the page goes, its parameters, and the pages it links to (address, words).

    `notice` are the sentences that stand on top of it.
    """

    notebook: Path
    out: Path
    parameters: Mapping[str, object]
    links: Sequence[tuple[str, str]] = ()
    notice: Sequence[str] = ()


def indicator_jobs(  # noqa: PLR0913 - the folder, where to, and a notebook a page
    run: Path,
    out: Path,
    indicators: Iterable[str],
    *,
    league: Path,
    diagnostics: Path,
    sensitivity: Path | None = None,
    followed: Collection[str] = (),
) -> list[Job]:
    """The pages of each indicator of a run folder, as jobs that write into `out`.

    That on what survives other choices is among them where its notebook `sensitivity` is given and the run has its
    tables; the pages of an indicator in `followed` lead to that on its change over time.
    """
    jobs = []
    for indicator in indicators:
        parameters = {"run": str(run.resolve()), "indicator": indicator}
        compared = sensitivity is not None and (run / "tables" / indicator / SENSITIVITY_FACTS).is_file()
        links = sibling_pages(indicator, sensitivity=compared, followed=indicator in followed)
        jobs.append(Job(league, out / league_page(indicator), parameters, links))
        if sensitivity is not None and compared:
            jobs.append(Job(sensitivity, out / sensitivity_page(indicator), parameters, links))
        jobs.append(Job(diagnostics, out / review_page(indicator), parameters, links))
    return jobs


def trajectory_job(run: Path, out: Path, indicator: str, *, notebook: Path) -> Job:
    """The page on an indicator's change over time, as a job that writes into `out`."""
    parameters = {"run": str(run.resolve()), "indicator": indicator}
    compared = (run / "tables" / indicator / SENSITIVITY_FACTS).is_file()
    links = sibling_pages(indicator, sensitivity=compared, followed=True)
    return Job(notebook, out / trajectory_page(indicator), parameters, links)


def data_job(run: Path, out: Path, notebook: Path) -> Job:
    """The page on the data of a run folder, as a job that writes into `out`."""
    return Job(notebook, out / DATA_PAGE, {"run": str(run.resolve())}, run_pages())


def score_jobs(run: Path, out: Path, notebooks: Mapping[str, Path]) -> list[Job]:
    """The pages of a run's scores as jobs that write into `out`; `notebooks` by the score's name."""
    parameters = {"run": str(run.resolve())}
    links = [*run_pages(), *(SCORE_PAGES[name] for name in notebooks)]
    return [Job(path, out / SCORE_PAGES[name][0], parameters, links) for name, path in notebooks.items()]
