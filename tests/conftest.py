import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of published files, outside the project."""
    folder = Path(os.environ.get("RANKTRUST_SHARED") or PROJECT.parent / "shared")
    if not (folder / "published").is_dir():
        pytest.skip("needs ../shared (set RANKTRUST_SHARED)")
    return folder
