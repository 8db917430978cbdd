"""Certificates: a study calibrated indicator by indicator, and the certificate that a run's pages carry."""

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ranktrust.assets import find_asset
from ranktrust.evidence import (
    CERTIFICATE,
    PAGE,
    One,
    certificate_of,
    current_certificate,
    design_digest,
    findings_of,
    open_folder,
    run_simulations,
    simulate_one,
    write_certificate,
)
from ranktrust.files import write_whole
from ranktrust.fit import Sampling
from ranktrust.gate import Finding
from ranktrust.model import ModelFile, PriorNumbers
from ranktrust.panel import Panel
from ranktrust.publish import render_page
from ranktrust.run.answer import priors_of
from ranktrust.run.calibrate import LADDER, Case, checked, claims_of, description_of, run_case
from ranktrust.run.versions import versions
from ranktrust.study import Asked, Study
from ranktrust.vocabulary import CalibrationKind, Latent
from ranktrust.worker import Scatter

Report = Callable[[str, float], None]
CARRIED = "calibration"


def calibrate_study(  # noqa: PLR0913 - what, which, how many, where, how
    study: Study,
    indicator: str,
    kind: CalibrationKind,
    *,
    simulations: int,
    outputs: Path,
    scatter: Scatter | None = None,
    report: Report = lambda _step, _fraction: None,
) -> tuple[Path, Mapping[str, Any]]:
    """Calibrate one indicator of a study, write its certificate and page; the folder and the certificate.

    A calibration that was stopped goes on where it stopped. Raises UsageError, StudyError, ModelFileError, DataError,
    FitError, RunError or ClusterError.
    """
    folder = run_case(study, indicator, kind, simulations=simulations, outputs=outputs, scatter=scatter, report=report)
    report("judge and write", 1.0)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    certificate = certificate_of(folder, created=created, study_sha256=study.sha256, versions=versions())
    write_certificate(folder, certificate)
    notebook = find_asset("notebooks", "calibration", beside=study.folder)
    render_page(notebook, folder / PAGE, parameters={"folder": str(folder.resolve())})
    return folder, certificate


def calibrate_statement(  # noqa: PLR0913 - the statement, its data and priors, how many and how
    model_file: ModelFile,
    panel: Panel,
    *,
    simulations: int = 20,
    priors: Mapping[str, PriorNumbers] | None = None,
    latent: Latent = "outcome",
    seed: int = 1,
    ladder: tuple[Sampling, ...] = LADDER,
    folder: Path | None = None,
    report: Report = lambda _step, _fraction: None,
) -> tuple[Finding, ...]:
    """A calibration of a statement on any panel, by its prior.

    `ladder` is how a simulated panel is fitted, and how again where the gate fails. With a `folder` every simulation
    is kept there as it is done, and those of an earlier call that was stopped are taken up; without one nothing is
    written.
    Each finding's sentence says what so many simulations can see: 20 find a gross mistake (effects shared between
    trusts, a wrong sign, half the spread) and no subtle one. A statement whose priors are declared too vague has one
    informational finding that says so.
    """
    if model_file.vague:
        reason = f"Not calibrated by its prior: {model_file.vague}."
        return (Finding("calibration", "informational", reason, "", pd.DataFrame()),)
    numbers = model_file.with_priors(priors or {})
    case = checked(Case(
        panel=panel, model_file=model_file, priors=numbers, truth_priors=numbers, kind="prior",
        claims=claims_of(panel, latent=latent), seed=np.random.SeedSequence(seed), fitting=Sampling(), ladder=ladder,
    ))  # fmt: skip
    report("simulate truths", 0.0)
    one: One = partial(simulate_one, case.design(case.truths(simulations)))
    if folder is None:
        records = []
        for index in range(simulations):
            report(f"simulation {index + 1} of {simulations}", index / simulations)
            records.append(one(index))
    else:
        open_folder(folder, description_of(model_file.name, case))
        records = run_simulations(one, simulations, folder=folder, report=report)
    return findings_of(records, kind="prior", top=case.claims.top, bottom=case.claims.bottom)


def carry_certificates(
    study: Study, panels: Mapping[str, Panel], statements: Mapping[str, ModelFile], calibrations: Path, part: Path
) -> dict[str, dict[str, Any]]:
    """Copy each indicator's current certificate and page into the run folder `part`; what the pages say of it.

    Current is a certificate of exactly this statement, panel, priors and ranking. An indicator without one is absent.
    """
    carried = {}
    for asked in study.indicator:
        panel, model_file = panels[asked.name], statements[asked.name]
        found = current_certificate(calibrations, design_digest(_description(study, asked, panel, model_file)))
        if found is None:
            continue
        folder, certificate = found
        copies = {f"{asked.name}.json": folder / CERTIFICATE, f"{asked.name}.html": folder / PAGE}
        for name, source in copies.items():
            write_whole(part / CARRIED / name, partial(shutil.copyfile, source))
        carried[asked.name] = {
            **{key: certificate[key] for key in ("kind", "simulations", "created", "verdict", "design_sha256")},
            "failed": [item["name"] for item in certificate["findings"] if item["verdict"] == "failed"],
            "page": f"{CARRIED}/{asked.name}.html",
        }
    return carried


def _description(study: Study, asked: Asked, panel: Panel, model_file: ModelFile) -> dict[str, Any]:
    claims = claims_of(panel, latent=study.ranks.latent, top=study.ranks.top, bottom=study.ranks.bottom)
    return {
        "model_sha256": model_file.sha256,
        "panel_sha256": panel.sha256,
        "priors": model_file.with_priors(priors_of(study, asked, panel, model_file)),
        "latent": claims.latent,
        "top": claims.top,
        "bottom": claims.bottom,
    }
