import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the oracles that are not part of the project."""
    folder = Path(os.environ.get("RANKTRUST_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("needs ../shared (set RANKTRUST_SHARED)")
    return folder
