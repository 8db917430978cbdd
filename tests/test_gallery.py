"""Every script of the gallery runs, and its page shows what they draw."""

import re
import runpy
import sys
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest

GALLERY = Path(__file__).resolve().parent.parent / "docs" / "gallery"
SCRIPTS = sorted(path for path in GALLERY.glob("*.py") if path.stem not in {"examples", "write_all"})
PAGE = GALLERY / "README.md"


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    monkeypatch.syspath_prepend(str(GALLERY))
    monkeypatch.delitem(sys.modules, "examples", raising=False)
    import examples as module  # noqa: PLC0415

    monkeypatch.setattr(module, "OUT", tmp_path)
    return module


def words_of(picture: Path) -> str:
    label = re.search(r'aria-label="([^"]*)"', picture.read_text(encoding="utf-8"))
    assert label is not None
    return unescape(label[1])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_draws_the_picture_of_the_page(script: Path, examples: ModuleType, tmp_path: Path) -> None:
    drawing = runpy.run_path(str(script))["drawn"]
    assert words_of(tmp_path / f"{script.stem}.svg") == drawing.alt
    assert words_of(GALLERY / f"{script.stem}.svg") == drawing.alt, "run `python docs/gallery/write_all.py`"
    assert f"![{drawing.alt}]({script.stem}.svg)" in PAGE.read_text(encoding="utf-8")


def test_the_page_lists_every_picture_and_no_other() -> None:
    listed = re.findall(r"\]\((\w+\.svg)\)", PAGE.read_text(encoding="utf-8"))
    assert listed == [f"{script.stem}.svg" for script in SCRIPTS]
    assert sorted(path.name for path in GALLERY.glob("*.svg")) == listed
    assert len(listed) >= 10


def test_scripts_and_pictures_are_small() -> None:
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in SCRIPTS) < 30
    assert max(path.stat().st_size for path in GALLERY.glob("*.svg")) < 150_000
