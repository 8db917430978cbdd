"""The certificate of a calibration: what was simulated, how often, what was judged and with what verdict."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ranktrust.errors import RunError
from ranktrust.evidence.judge import Judged, judge
from ranktrust.evidence.plain import finding_as_plain, finding_from_plain
from ranktrust.evidence.record import Record
from ranktrust.evidence.simulations import DESIGN, RECORDS, read_records
from ranktrust.files import sha256_of, write_json
from ranktrust.gate import Finding, Verdict
from ranktrust.vocabulary import SCHEMA_VERSION

CERTIFICATE: Final = "certificate.json"
PAGE: Final = "calibration.html"
KINDS: Final[Mapping[str, str]] = {
    "prior": "truths from the prior of the statement",
    "joint": "truths from the posterior, each trust given a second figure beside its real one",
    "design": "new trusts under the posterior's national level and spread",
    "misspecified": "truths with variation that is nobody's, refitted as if all of it were the trusts' own",
}
"""The kinds of calibration, the one that proves most first."""

_PLACES: Final = frozenset({"parameters", "levels of trusts", "learning from the data"})
_JUDGED: Final[Mapping[str, Judged]] = {
    "prior": Judged((1, 1)),
    "joint": Judged((1, 1)),
    "design": Judged((1, 1), _PLACES),
    "misspecified": Judged((1, 1), None),
}
FEWEST: Final = 20
"""Simulations below which nothing is said to have passed: tolerances are then so wide that hardly a mistake fails."""
TIMES: Final = ("seconds", "processor_seconds")
"""What the simulations took together: by the clock of their processes, and of the processor."""
_RESTS_ON: Final = ("model_sha256", "panel_sha256", "priors", "latent", "top", "bottom")


def findings_of(records: Sequence[Record], *, kind: str, top: int, bottom: int) -> tuple[Finding, ...]:
    """The findings of a calibration of that kind (decision 22).

    A design check holds the truths' spread fixed, which is not what the refit's prior says of it, so places of the
    truth are stated without verdict and coverage is judged. The misspecified case is stated, never judged.
    """
    return judge(records, replace(_JUDGED[kind], sizes=(top, bottom)))


def design_digest(description: Mapping[str, Any]) -> str:
    """A digest of what the claims of a page rest on: statement, priors, panel, and what is ranked."""
    values = json.loads(json.dumps({name: description[name] for name in _RESTS_ON}))
    return sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def certificate_of(folder: Path, *, created: str, study_sha256: str, versions: Mapping[str, str]) -> dict[str, Any]:
    """The certificate of the calibration in `folder`, from its design and its records. Raises RunError without any."""
    design = read_design(folder)
    records = read_records(folder)
    if not records:
        raise RunError(f"{folder} holds no simulation: run ranktrust calibrate")
    findings = findings_of(records, kind=design["kind"], top=design["top"], bottom=design["bottom"])
    return {
        **design,
        "study_sha256": study_sha256,
        "design_sha256": design_digest(design),
        "created": created,
        "simulations": len(records),
        "made_longer": sum(record["attempts"] > 1 for record in records),
        "failed_fits": sum(bool(record["failed"]) or "error" in record for record in records),
        "verdict": verdict_of(findings, len(records)),
        "findings": [finding_as_plain(finding) for finding in findings],
        "records_sha256": sha256_of(folder / RECORDS),
        **{name: round(sum(record.get(name, 0.0) for record in records), 1) for name in TIMES},
        "versions": dict(versions),
    }


def verdict_of(findings: Iterable[Finding], simulations: int) -> Verdict:
    """Failed if any finding failed, passed if one passed besides the computation, otherwise informational.

    Of fewer simulations than FEWEST none passes.
    """
    found = list(findings)
    if any(finding.verdict == "failed" for finding in found):
        return "failed"
    judged = any(finding.verdict == "passed" for finding in found if finding.name != "computation")
    return "passed" if judged and simulations >= FEWEST else "informational"


def read_design(folder: Path) -> dict[str, Any]:
    """What the records in a calibration folder rest on. Raises RunError where it is absent or of another version."""
    return _read(folder / DESIGN)


def read_certificate(folder: Path) -> dict[str, Any]:
    """The certificate in a calibration folder. Raises RunError where it is absent, broken or of another version."""
    return _read(folder / CERTIFICATE)


def write_certificate(folder: Path, certificate: Mapping[str, Any]) -> Path:
    """Write the certificate into its calibration folder."""
    return write_json(folder / CERTIFICATE, certificate)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    if found.get("schema_version") != SCHEMA_VERSION:
        raise RunError(
            f"{path} has schema version {found.get('schema_version')!r}; this ranktrust reads {SCHEMA_VERSION}"
        )
    return found


def certificate_findings(certificate: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of a certificate as values."""
    return tuple(map(finding_from_plain, certificate["findings"]))


def current_certificate(calibrations: Path, design_sha256: str) -> tuple[Path, dict[str, Any]] | None:
    """The folder and certificate, among those in `calibrations`, of exactly this design; None where there is none.

    Of several, one that failed, whatever passed beside it; then the kind that proves most, then the one with most
    simulations. The misspecified case is none of them.
    """
    found = []
    for path in sorted(calibrations.glob(f"*/{CERTIFICATE}")):
        if not (path.parent / PAGE).is_file():
            continue  # stopped before its page was written
        certificate = read_certificate(path.parent)
        if certificate["design_sha256"] == design_sha256 and certificate["kind"] != "misspecified":
            order = (certificate["verdict"] != "failed", list(KINDS).index(certificate["kind"]))
            found.append(((*order, -certificate["simulations"]), path.parent, certificate))
    if not found:
        return None
    _, folder, best = min(found, key=lambda item: item[0])
    return folder, best
