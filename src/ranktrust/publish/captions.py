"""What every caption ends with: of whom a picture is, when, and whose figures it rests on."""

import json
from pathlib import Path
from typing import Any, Final

_FACTS: Final = "facts.json"


def source_of(run: Path, *indicators: str) -> str:
    """Population, periods and publishers of these indicators of a run folder; of all it has where none is named.

    Empty where the run has no table of them, as on a page of data alone.
    """
    tables = run / "tables"
    found = [tables / name / _FACTS for name in indicators] or sorted(tables.glob(f"*/{_FACTS}"))
    facts = [json.loads(path.read_text(encoding="utf-8")) for path in found if path.is_file()]
    return _words([item for item in facts if "period" in item and "source" in item])


def _words(facts: list[dict[str, Any]]) -> str:
    if not facts:
        return ""
    first = max(facts, key=lambda item: int(item["n"]))
    publishers = ", ".join(dict.fromkeys(str(item["source"].get("publisher", "not recorded")) for item in facts))
    periods = [str(item["period"]) if len(facts) == 1 else f"{item['title']}, {item['period']}" for item in facts]
    who = f"{first['n']} {first['noun']}s: {first['set_description']}"
    return f"{who}. {'; '.join(periods)}. Figures: {publishers}."
