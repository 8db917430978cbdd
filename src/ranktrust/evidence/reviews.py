"""Who reviewed a run, what they decided, and whether that still holds: records bound to the run's digests.

A record names the SHA-256 of the manifest, which lists that of every file. It holds while both are as they were. It is
a record and no proof of who wrote it: whoever can write the folder can write a record.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from ranktrust.errors import RunError, UsageError
from ranktrust.files import sha256_of, write_json
from ranktrust.manifest import ALLOWED, MANIFEST, REVIEWS, changed_files, read_manifest
from ranktrust.vocabulary import SCHEMA_VERSION

Decision = Literal["accept", "reject"]
Standing = Literal["accepted", "rejected", "void", "not reviewed"]

_NAMED: Final = 3


@dataclass(frozen=True)
class Review:
    """One decision on a run: by whom, when (UTC), why, and the digest of the manifest that it was made on."""

    reviewer: str
    decision: Decision
    note: str
    signed: str
    run_id: str
    manifest_sha256: str


def sign_run(folder: Path, *, reviewer: str, decision: str, note: str) -> Review:
    """Add a decision to the run's review.json and return it.

    Raises UsageError for a decision that is none, a name or note without words, or the acceptance of a run whose gate
    failed without a reason to allow it; RunError where the run is not as it was written.
    """
    manifest = read_manifest(folder)
    _check(manifest, reviewer, decision, note)
    changed = changed_files(folder)
    if changed:
        raise RunError(f"{folder} is not as it was written ({_listed(changed)}): run the study again, then review that")
    review = Review(
        reviewer=reviewer.strip(),
        decision="accept" if decision == "accept" else "reject",
        note=note.strip(),
        signed=datetime.now(UTC).isoformat(timespec="seconds"),
        run_id=str(manifest["run_id"]),
        manifest_sha256=sha256_of(folder / MANIFEST),
    )
    reviews = [*read_reviews(folder), review]
    write_json(folder / REVIEWS, {"schema_version": SCHEMA_VERSION, "reviews": [asdict(one) for one in reviews]})
    return review


def _check(manifest: dict[str, Any], reviewer: str, decision: str, note: str) -> None:
    if decision not in get_args(Decision):
        raise UsageError(f'a decision is "accept" or "reject", not {decision!r}')
    if not reviewer.strip():
        raise UsageError("--reviewer needs a name")
    if not note.strip():
        raise UsageError("--note needs words: what the decision rests on")
    if decision == "accept" and not manifest["gate_passed"] and manifest.get(ALLOWED) is None:
        raise UsageError(
            "the computation of this run failed its gate, so it cannot be accepted: reject it, or run the study again "
            'with --allow-failed-gate "reason"'
        )


def _listed(changed: Sequence[str]) -> str:
    more = len(changed) - _NAMED
    return ", ".join(changed[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def read_reviews(folder: Path) -> tuple[Review, ...]:
    """The decisions on a run, oldest first; none where it was not reviewed. Raises RunError where they are broken."""
    path = folder / REVIEWS
    if not path.is_file():
        return ()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["schema_version"] != SCHEMA_VERSION:
            raise RunError(
                f"{path} has schema version {found['schema_version']!r}; this ranktrust reads {SCHEMA_VERSION}"
            )
        return tuple(Review(**one) for one in found["reviews"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error


def why_void(folder: Path, review: Review) -> str:
    """Why a decision no longer holds; empty where it does."""
    if review.manifest_sha256 != sha256_of(folder / MANIFEST):
        return "the manifest has changed since"
    changed = changed_files(folder)
    return f"the run has changed since: {_listed(changed)}" if changed else ""


def standing_of(folder: Path) -> Standing:
    """Where a run stands: by the last decision of each reviewer that still holds, one rejection outweighing all."""
    reviews = read_reviews(folder)
    if not reviews:
        return "not reviewed"
    last = {review.reviewer: review.decision for review in reviews if not why_void(folder, review)}
    if not last:
        return "void"
    return "rejected" if "reject" in last.values() else "accepted"
