"""What a run rests on, written down: identity, versions, seeds, digests, and the seconds of each step."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from ranktrust.assemble import figures_used
from ranktrust.assets import find_asset
from ranktrust.files import sha256_of, write_text
from ranktrust.league import LeagueTable
from ranktrust.manifest import UNBOUND
from ranktrust.model import ModelFile
from ranktrust.run.answer import Report, seed_of
from ranktrust.run.versions import lock_sha256, versions
from ranktrust.study import Study
from ranktrust.vocabulary import SCHEMA_VERSION

PAGES = ("league_table", "diagnostics", "data")
"""The notebooks that every run renders: the first two once for each indicator, the last once."""
SENSITIVITY_PAGE = "sensitivity"
"""The notebook that a study with a table [sensitivity] renders once for each indicator."""
_SAID_ELSEWHERE = {"path", "sha256", "name", "title", "question", "schema_version"}


def run_id_of(study: Study, statements: Mapping[str, ModelFile]) -> str:
    """The time in UTC and eight digits of a digest of the study, its statements and its figures."""
    digest = sha256(study.sha256.encode())
    for model_file in statements.values():
        digest.update(model_file.sha256.encode())
    for name, file_digest in figures_used(study).items():
        digest.update(f"{name}{file_digest}".encode())
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{digest.hexdigest()[:8]}"


def pages_of(study: Study) -> tuple[str, ...]:
    """The notebooks that the study's run renders."""
    return PAGES if study.sensitivity is None else (*PAGES, SENSITIVITY_PAGE)


def manifest_of(
    study: Study,
    run_id: str,
    statements: Mapping[str, ModelFile],
    tables: list[LeagueTable],
    carried: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """The manifest: what the run asked, with which statements, seeds, figures, lock and versions, and the verdict.

    `carried` says of each indicator with a current certificate of calibration what the run's pages say.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": run_id,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": {"name": study.name, "title": study.title, "question": study.question, "sha256": study.sha256},
        "settings": study.model_dump(mode="json", exclude=_SAID_ELSEWHERE),
        "indicators": [
            {
                "name": table.facts.indicator,
                "model": table.facts.model,
                "model_sha256": statements[table.facts.indicator].sha256,
                "seed_spawn_key": list(seed_of(study, table.facts.indicator).spawn_key),
                "trusts": table.facts.n,
                "scenario": table.facts.scenario,
                "priors": dict(table.facts.priors),
                "gate_passed": table.facts.gate_passed,
                "calibration": carried.get(table.facts.indicator),
            }
            for table in tables
        ],
        "gate_passed": all(table.facts.gate_passed for table in tables),
        "figures": figures_used(study),
        "notebooks": {name: sha256_of(find_asset("notebooks", name, beside=study.folder)) for name in pages_of(study)},
        "lock_sha256": lock_sha256(),
        "versions": versions(),
    }


def keep_notebooks(study: Study, names: Iterable[str], part: Path) -> list[Path]:
    """Copy the notebooks that stand beside the study to `part`/notebooks, so that its publication uses them too."""
    paths = [find_asset("notebooks", name, beside=study.folder) for name in names]
    own = [path for path in paths if path.is_relative_to(study.folder.resolve())]
    return [write_text(part / "notebooks" / path.name, path.read_text(encoding="utf-8")) for path in own]


def contents_of(part: Path) -> dict[str, str]:
    """SHA-256 of every file of the run but the manifest and its review, by its place in the folder."""
    files = {path.relative_to(part).as_posix(): path for path in sorted(part.rglob("*")) if path.is_file()}
    return {name: sha256_of(path) for name, path in files.items() if name not in UNBOUND}


def timed(report: Report) -> tuple[Report, dict[str, float]]:
    """The same report, and a dict that holds the seconds spent in each step so far."""
    seconds: dict[str, float] = {}
    started: list[tuple[str, float]] = []

    def measured(step: str, fraction: float) -> None:
        now = time.monotonic()
        if started:
            name, since = started.pop()
            seconds[name] = round(seconds.get(name, 0.0) + now - since, 3)
        started.append((step, now))
        report(step, fraction)

    return measured, seconds
