"""The walk over pages: which pages, scripts blocked by the policy alone, each fault once. No browser is needed here."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.request import urlopen

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
POLICY = "default-src 'none'; script-src 'sha256-abc='"
PAGE = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><script>1</script>'


@pytest.fixture(scope="module")
def walk():
    spec = importlib.util.spec_from_file_location("walk_pages", TOOLS / "walk_pages.py")
    assert spec is not None
    assert spec.loader is not None
    before, module = list(sys.path), importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "index.html").write_text("<p>plain</p>", encoding="utf-8")
    (tmp_path / "review.html").write_text("<p>plain</p>", encoding="utf-8")
    (tmp_path / "pages" / "a.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def test_every_page_is_walked_and_the_index_first(walk, folder):
    assert walk.pages_of(folder) == ["index.html", "review.html", "pages/a.html"]
    assert [walk.has_script(folder, name) for name in walk.pages_of(folder)] == [False, False, True]


def test_scripts_are_blocked_by_the_policy_and_nothing_else_changes(walk, folder):
    with walk.served(folder) as address:
        as_it_is = urlopen(f"{address}/pages/a.html").read().decode()
        blocked = urlopen(f"{address}/blocked/pages/a.html").read().decode()
    assert as_it_is == PAGE
    assert blocked == PAGE.replace("script-src 'sha256-abc='", "script-src 'none'")


class FakePage:
    """Answers like a page, and keeps what listens to it."""

    def __init__(self, sideways=0, reached=True, overprinted=()):
        self.listeners, self.sideways, self.pressed = {}, sideways, 0
        self.overprinted = dict(overprinted)
        self.keyboard = SimpleNamespace(press=self.press)
        self.reached = reached

    def on(self, event, listener):
        self.listeners[event] = listener

    def press(self, _key):
        self.pressed += 1

    def emulate_media(self, color_scheme):
        self.scheme = color_scheme

    def set_viewport_size(self, size):
        self.width = size["width"]

    def evaluate(self, script, *given):
        answers: dict = {"getClientRects": self.overprinted.get(self.width, [])}
        answers |= {"scrollWidth": self.sideways if self.width == 320 else 0, "walkControls.length": 3}
        answers |= {"every((one)": self.reached, "slice(0, 5)": [] if self.reached else ["<a>"], "slice(0, 3)": []}
        answers |= {"axe.run": ["contrast (1): too low"] if self.scheme == "dark" else []}
        return next((value for mark, value in answers.items() if mark in script), None)

    width, scheme = 0, ""


def test_a_console_error_and_a_request_elsewhere_are_faults(walk):
    page = FakePage()
    faults = walk.watched(page, "http://here/a.html", blocked=False)
    page.listeners["request"](SimpleNamespace(url="http://here/a.html#top"))
    page.listeners["request"](SimpleNamespace(url="data:image/png;base64,x"))
    page.listeners["console"](SimpleNamespace(type="log", text="fine"))
    assert faults == []
    page.listeners["request"](SimpleNamespace(url="https://example.org/x.js"))
    page.listeners["console"](SimpleNamespace(type="error", text="Content Security Policy refused"))
    page.listeners["pageerror"]("boom")
    assert [fault.split(":")[0] for fault in faults] == ["request", "console", "error"]


def test_a_blocked_script_may_say_that_it_is_blocked(walk):
    page = FakePage()
    faults = walk.watched(page, "http://here/a.html", blocked=True)
    page.listeners["console"](SimpleNamespace(type="error", text="Content Security Policy refused"))
    assert faults == []
    page.listeners["console"](SimpleNamespace(type="error", text="another"))
    assert faults == ["console: another"]


def test_each_fault_stands_once_with_where_it_was(walk):
    found = walk.grouped(walk.sizes(FakePage(sideways=9), axe="axe"))
    assert found == [
        "the body scrolls sideways: [] [320 light, 320 dark]",
        "axe: contrast (1): too low [320 dark, 768 dark, 1440 dark]",
    ]
    assert walk.grouped(walk.sizes(FakePage(), axe="")) == []


def test_only_what_depends_on_colours_is_asked_again_in_the_dark(walk):
    asked = []

    class Asked(FakePage):
        def evaluate(self, script, *given):
            asked.extend((self.scheme, self.width, one) for one in given if isinstance(one, dict))
            return super().evaluate(script, *given)

    list(walk.sizes(Asked(), axe="axe"))
    light, dark = ([one for scheme, _, one in asked if scheme == name] for name in ("light", "dark"))
    assert [one["values"] for one in light] == [walk.TAGS] * 3
    assert [one["values"] for one in dark] == [walk.COLOUR_RULES] * 3
    assert {width for _, width, _ in asked} == {320, 768, 1440}


def test_text_past_its_cell_is_a_fault_at_every_width_and_at_two_between(walk):
    page = FakePage(overprinted={1200: ["<td>102 to 111 of 118"], 1440: ["<td>102 to 111 of 118"]})
    assert walk.grouped(walk.sizes(page, axe="")) == [
        "past its cell: <td>102 to 111 of 118 [1440 light, 1200 light, 1440 dark]"
    ]
    narrow = FakePage(overprinted={1280: ["<th>P(segment) 1"]})
    assert walk.grouped(walk.sizes(narrow, axe="")) == ["past its cell: <th>P(segment) 1 [1280 light]"]


def test_a_page_walked_without_fault_is_known_again_by_its_bytes_alone(walk, folder):
    jobs = [("index.html", False), ("review.html", False), ("pages/a.html", False), ("pages/a.html", True)]
    found = [walk.mark(folder, job, "axe") for job in jobs]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert walk.mark(folder, jobs[0], "another axe") != found[0]
    (folder / "index.html").write_text("<p>changed</p>", encoding="utf-8")
    assert walk.mark(folder, jobs[0], "axe") != found[0]
    done = folder / "done.txt"
    assert walk.marks(None) == walk.marks(done) == set()
    done.write_text("\n".join(found), encoding="utf-8")
    assert walk.marks(done) == set(found)


def test_a_control_that_no_key_reaches_is_named(walk):
    page = FakePage()
    assert list(walk.keyboard(page)) == []
    assert page.pressed <= 20
    assert list(walk.keyboard(FakePage(reached=False))) == ["keyboard: not reached: <a>"]


def test_a_walk_without_its_program_says_what_to_install(walk, folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["walk_pages.py", str(folder)])
    monkeypatch.setattr(walk, "find_spec", lambda _name: None)
    with pytest.raises(SystemExit, match="pip install playwright"):
        walk.main()
    monkeypatch.setattr(sys, "argv", ["walk_pages.py", str(folder), "--only", "nothing"])
    with pytest.raises(SystemExit, match="no such page"):
        walk.main()
