"""What a run has to do: everything read and checked before the first fit, and the pieces that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ranktrust.assemble import assemble, figures_used, official_bands, read_table
from ranktrust.assets import list_assets
from ranktrust.errors import ModelFileError
from ranktrust.league import publishable_panel
from ranktrust.model import ModelFile, check_trusted, load_model
from ranktrust.panel import Panel
from ranktrust.run.answer import statement_of
from ranktrust.run.composites import check_scores, scoring_sha256
from ranktrust.run.finished import Piece, digest_of
from ranktrust.run.prints import (
    print_of_code,
    print_of_panel,
    print_of_panels,
    print_of_spans,
    print_of_versions,
    settings_of,
)
from ranktrust.run.profile import PROFILE, profile_statement
from ranktrust.run.trajectories import Course, courses_of
from ranktrust.study import Asked, Study

SCORES = "scores"
_PARTS = ("schema_version", "name", "title", "trusts", "context", "nested", "scenario", "fit", "ranks")
_INDICATOR_PARTS = (*_PARTS, "sensitivity")


@dataclass(frozen=True, eq=False)
class Work:
    """A study read and checked: figures, statements and trajectories, by the name of the indicator or course.

    `shown` are the panels without the trusts whose figure may not be published, `by_period` those before their periods
    are summed, which only other choices read.
    """

    study: Study
    panels: Mapping[str, Panel]
    shown: Mapping[str, Panel]
    by_period: Mapping[str, Panel]
    statements: Mapping[str, ModelFile]
    courses: Mapping[str, Course]
    together: Mapping[str, ModelFile]

    @property
    def model_files(self) -> dict[str, ModelFile]:
        """Every statement of the run, by the name of its fit."""
        courses = {key: course.model_file for key, course in self.courses.items()}
        return {**self.statements, **courses, **self.together}


def work_of(study: Study) -> Work:
    """Everything that the study's run needs, before any fit. Raises StudyError, ModelFileError or DataError."""
    _check_notebooks(study)
    panels = assemble(study)
    statements = {asked.name: statement_of(study, asked, panels[asked.name]) for asked in study.indicator}
    check_scores(study, panels)
    courses, together = courses_of(study), profile_statement(study, panels)
    shown = {name: publishable_panel(panel) for name, panel in panels.items()}
    by_period = {} if study.sensitivity is None else assemble(study, summed=False)
    return Work(study, panels, shown, by_period, statements, courses, together)


def _check_notebooks(study: Study) -> None:
    """Raise ModelFileError where only listed programs may run and a notebook of the study's own is none of them."""
    for path in own_notebooks(study):
        check_trusted(path, path.read_bytes())


def own_notebooks(study: Study) -> list[Path]:
    """The notebooks that stand beside the study and take the place of those that ship."""
    found = list_assets("notebooks", beside=study.folder).values()
    return [path for path in found if path.is_relative_to(study.folder.resolve())]


def pieces_of(work: Work) -> dict[str, Piece]:
    """The pieces of the run before its pages, by name: indicators, trajectories, and what adds indicators up."""
    found = [_indicator(work, asked) for asked in work.study.indicator]
    found += [_trajectory(work, key) for key in work.courses]
    found.append(_scores(work, found))
    return {piece.name: piece for piece in found}


def name_of_indicator(indicator: str) -> str:
    """The name of the piece that answers an indicator."""
    return f"indicator {indicator}"


def name_of_trajectory(indicator: str) -> str:
    """The name of the piece that follows an indicator over time."""
    return f"trajectory {indicator}"


def _common() -> dict[str, str]:
    return {"code": print_of_code(), "versions and lock": print_of_versions()}


def _indicator(work: Work, asked: Asked) -> Piece:
    study, panel, by_period = work.study, work.panels[asked.name], work.by_period.get(asked.name)
    bands = official_bands(study, asked, panel)
    figures = [print_of_panel(panel), "" if by_period is None else print_of_panel(by_period)]
    inputs = {
        "figures": digest_of([*figures, "" if bands is None else bands.to_csv()]),
        "settings": digest_of([settings_of(study, _INDICATOR_PARTS), asked.model_dump(mode="json")]),
        "model file": digest_of(_with_variants(work.statements[asked.name], study)),
    }
    return Piece(name_of_indicator(asked.name), {**inputs, **_common()})


def _with_variants(model_file: ModelFile, study: Study) -> list[str]:
    """The digest of a statement, and that of its variant with heavy tails where the study may refit it so."""
    if study.sensitivity is None or "student" not in study.sensitivity.variants:
        return [model_file.sha256]
    try:
        return [model_file.sha256, load_model(f"{model_file.name}_student", beside=study.folder).sha256]
    except ModelFileError:
        return [model_file.sha256, "none"]


def _trajectory(work: Work, key: str) -> Piece:
    study, course = work.study, work.courses[key]
    one = load_model(course.indicator.model or course.panels.latest.only.kind, beside=study.folder)
    asked = [course.asked.model_dump(mode="json"), course.indicator.model_dump(mode="json")]
    inputs = {
        "figures": print_of_spans(course.panels),
        "settings": digest_of([settings_of(study, _PARTS), *asked]),
        "model file": digest_of([course.model_file.sha256, one.sha256]),
    }
    return Piece(name_of_trajectory(course.asked.name), {**inputs, **_common()})


def _scores(work: Work, before: list[Piece]) -> Piece:
    """The profile and everything that adds indicators up, which rests on every piece before it."""
    study = work.study
    inputs = {
        "figures": digest_of([print_of_panels(work.panels), figures_used(study), _trusts_sha256(study)]),
        "settings": digest_of(settings_of(study)),
        "model file": digest_of([work.together[PROFILE].sha256 if work.together else "", scoring_sha256(study)]),
        "the indicators' own answers": digest_of({piece.name: piece.digest for piece in before}),
    }
    return Piece(SCORES, {**inputs, **_common()})


def _trusts_sha256(study: Study) -> str:
    """The digest of the table of trusts, from which official scoring takes names; empty without it."""
    return read_table("trusts", study).sha256 if study.official is not None else ""
