"""What a run would do, and why: nothing is fitted and nothing written."""

from pathlib import Path
from typing import Any

from ranktrust.files import sha256_of
from ranktrust.run.composites import scoring_sha256
from ranktrust.run.finished import STORE, find_kept, records_of, why_not_kept
from ranktrust.run.work import SCORES, Work, own_notebooks, pieces_of, work_of
from ranktrust.study import Study


def outlook(study: Study, outputs: Path) -> dict[str, Any]:
    """Each piece of the study's run with what would be done and why, and what becomes of its pages.

    Raises StudyError, ModelFileError or DataError, as the run itself would.
    """
    work = work_of(study)
    store = outputs / study.name / STORE
    records = records_of(store)
    steps = []
    for name, piece in pieces_of(work).items():
        kept = find_kept(store, piece) is not None
        why = "nothing it rests on has changed" if kept else why_not_kept(piece, records)
        steps.append({"piece": name, "do": "take up" if kept else "make", "why": why})
    return {"study": study.name, "steps": steps, "pages": _pages(work, steps), "models": _models(work)}


def _pages(work: Work, steps: list[dict[str, str]]) -> str:
    """Which pages follow from the pieces that would be made."""
    todo = {step["piece"] for step in steps if step["do"] == "make"}
    indicators = [name for name in work.panels if f"indicator {name}" in todo or f"trajectory {name}" in todo]
    if not todo:
        return "all are carried over, but those whose notebook, links or certificate have changed"
    if todo == {SCORES}:
        return "those of no single indicator are rendered, the others carried over where nothing else has changed"
    return f"those on {', '.join(indicators)} and those of no single indicator are rendered, the others carried over"


def _models(work: Work) -> dict[str, str]:
    """The digest of every program that the run would load, for `--trusted-models`."""
    found = {model_file.name: model_file.sha256 for model_file in work.model_files.values()}
    if work.study.scoring is not None:
        found[work.study.scoring.file] = scoring_sha256(work.study)
    return found | {path.name: sha256_of(path) for path in own_notebooks(work.study)}
