"""What stands on top of every page of a run whose computation failed its gate."""

from collections.abc import Mapping
from typing import Any, Final

ALLOWED: Final = "allowed_failed_gate"
"""The entry of the manifest that holds the reason to publish a run despite its failed gate, null without one."""


def failed_parts(manifest: Mapping[str, Any]) -> list[str]:
    """Names of the fits of a run that failed their gate, in the order of the study."""
    named = [(entry["name"], entry["gate_passed"]) for entry in manifest.get("indicators", ())]
    named += [(f"{entry['name']} over time", entry["gate_passed"]) for entry in manifest.get("trajectories", ())]
    named += [("profile", entry["gate_passed"]) for entry in [manifest.get("profile")] if entry]
    return [name for name, passed in named if not passed]


def gate_notice(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences on top of every page: which fits failed and, where it was given, why they are shown nevertheless.

    Nothing where all passed.
    """
    names = failed_parts(manifest)
    if not names:
        return ()
    said = f"The computation failed its checks: {', '.join(names)}. Do not quote any number that rests on it."
    reason = manifest.get(ALLOWED)
    if reason is None:
        return ("Not fit to publish", said)
    return ("Published despite a failed check of the computation", said, f"The reason given: {reason}")
