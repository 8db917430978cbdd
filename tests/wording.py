"""The wording rules of tools/style.py, for the tests that hold pages to them."""

import importlib.util
from pathlib import Path

_SPEC = importlib.util.spec_from_file_location("style", Path(__file__).resolve().parents[1] / "tools" / "style.py")
assert _SPEC is not None
assert _SPEC.loader is not None
style = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(style)
