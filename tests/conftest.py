import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
LONGEST = ("test_recovery_joint", "test_operation", "test_recovery", "test_fit", "test_models", "test_run")
"""The files that take longest, which begin first: a worker that meets one of them last keeps the other waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the longest files to the front, all else in the order of its name."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, outside the project."""
    named = os.environ.get("RANKTRUST_SHARED")
    folder = Path(named or PROJECT.parent / "shared")
    if not (folder / "published").is_dir():
        assert not named, f"RANKTRUST_SHARED names {named}, which has no folder published"
        pytest.skip("needs ../shared (set RANKTRUST_SHARED)")  # not ours to carry; where it is named it must be there
    return folder
