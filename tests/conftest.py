import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, outside the project."""
    named = os.environ.get("RANKTRUST_SHARED")
    folder = Path(named or PROJECT.parent / "shared")
    if not (folder / "published").is_dir():
        assert not named, f"RANKTRUST_SHARED names {named}, which has no folder published"
        pytest.skip("needs ../shared (set RANKTRUST_SHARED)")  # not ours to carry; where it is named it must be there
    return folder
