"""RAP.md maps every level to files and tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def named_in(text: str) -> list[str]:
    """Every file, folder or test that stands in a row of a table."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    found = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    return [name for name in found if not name.startswith("make ")]


def missing(name: str) -> str:
    """What is not there of a name such as `tests/test_x.py::test_y`; empty where all is."""
    path, _, test = name.partition("::")
    if not (ROOT / path).exists():
        return path
    found = not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")
    return "" if found else name


def test_every_file_and_test_of_rap_exists():
    text = (ROOT / "RAP.md").read_text(encoding="utf-8")
    names = named_in(text)
    assert len(names) >= 30
    assert [name for name in names if missing(name)] == []


def test_every_level_is_there_with_a_file_and_a_check_a_row():
    text = (ROOT / "RAP.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\w+)$", text, re.MULTILINE) == ["Baseline", "Silver", "Gold"]
    rows = [
        line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and "asked" not in line
    ]
    assert len(rows) == 18
    assert all(len(row) == 3 and "`" in row[1] and "`" in row[2] for row in rows)


@pytest.mark.parametrize("name", ["no/such.py", "tests/test_rap.py::test_no_such"])
def test_what_does_not_exist_is_seen(name):
    assert missing(name)
