"""The house of ARCHITECTURE.md, held against the imports of the code itself."""

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "ranktrust"
OPEN_FROM_FLOOR_1 = frozenset({"numpy", "pandas", "xarray"})
HEADING = "| room | floor | state | holds | third parties it may import |"


@dataclass(frozen=True)
class Room:
    """One row of the table."""

    name: str
    floor: int
    state: str
    third_parties: frozenset[str]


@dataclass(frozen=True)
class Import:
    """One name that a module imports, where, and whether that happens as the module loads."""

    target: str
    line: int
    on_load: bool


def read_rooms(text: str) -> dict[str, Room]:
    """The rows of the floors table, by module or folder; several in one row are one room."""
    _, heading, table = text.partition(HEADING)
    assert heading, f"ARCHITECTURE.md has no table headed {HEADING}"
    rooms = {}
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            break
        names, floor, state, _, parties = (cell.strip() for cell in line.strip("|").split("|"))
        assert state in {"here", "planned"}, f"{names} is {state!r}, neither here nor planned"
        allowed = frozenset(party.strip() for party in parties.split(",") if party.strip())
        for module in names.split(", "):
            assert module not in rooms, f"{module} is listed twice"
            rooms[module] = Room(names, int(floor), state, allowed)
    return rooms


def imports_of(module: str, source: str, modules: frozenset[str], *, is_package: bool) -> Iterator[Import]:
    """Everything a module imports, in functions and for types too; ours resolved to the module it comes from."""
    tree = ast.parse(source)
    late = {id(node) for block in ast.walk(tree) if _runs_later(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        for target in _targets(node, module if is_package else module.rpartition(".")[0]):
            yield Import(_nearest(target, modules), getattr(node, "lineno", 0), id(node) not in late)


def _runs_later(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _targets(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"import_module", "__import__"}:
        return [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    return []


def _nearest(target: str, modules: frozenset[str]) -> str:
    """The longest known module that a dotted name begins with; another package's name is its first part."""
    if target.split(".", maxsplit=1)[0] != PACKAGE:
        return target.split(".", maxsplit=1)[0]
    while target not in modules:
        target = target.rpartition(".")[0]
    return target


def violations(sources: Mapping[str, str], rooms: Mapping[str, Room]) -> list[str]:
    """Every breach of the table, in words.

    `sources` maps a module's dotted name to its text; a folder's `__init__.py` goes by `folder.__init__`.
    """
    texts = {name.removesuffix(".__init__"): text for name, text in sources.items()}
    modules = frozenset(".".join(name.split(".")[:end]) for name in texts for end in range(1, name.count(".") + 2))
    graph = {
        name.removesuffix(".__init__"): list(
            imports_of(name.removesuffix(".__init__"), text, modules, is_package=name.endswith(".__init__"))
        )
        for name, text in sources.items()
    }
    found = _census({_room(module) for module in modules} - {""}, rooms)
    for module, imported in graph.items():
        found += [breach for each in imported for breach in _breaches(module, each, rooms)]
    found += [f"cycle: {' -> '.join(cycle)}" for cycle in _cycles(graph)]
    return found


def _room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def _census(present: set[str], rooms: Mapping[str, Room]) -> list[str]:
    found = [f"{name} is not listed" for name in sorted(present - set(rooms))]
    found += [
        f"{name} is here, but marked planned" for name in sorted(present & set(rooms)) if rooms[name].state == "planned"
    ]
    found += [
        f"{name} is marked here, but absent" for name in sorted(set(rooms) - present) if rooms[name].state == "here"
    ]
    return found


def _breaches(module: str, each: Import, rooms: Mapping[str, Room]) -> list[str]:
    where = f"{module}:{each.line}"
    own = rooms.get(_room(module), Room(_room(module), 0, "here", frozenset()))
    if each.target.split(".")[0] != PACKAGE:
        allowed = own.third_parties | (OPEN_FROM_FLOOR_1 if own.floor else frozenset()) | sys.stdlib_module_names
        return [] if each.target in allowed else [f"{where} may not import {each.target}"]
    other = rooms.get(_room(each.target))
    if other is None or other.name == own.name:
        return []  # the package itself, the room itself, or one that the census reports
    if other.floor >= own.floor:
        return [f"{where} on floor {own.floor} may not import {_room(each.target)} on floor {other.floor}"]
    if _room(module).startswith("cli") and each.on_load and other.floor > 0:
        return [f"{where} imports {_room(each.target)} as it loads, not inside a command"]
    return []


def _cycles(graph: Mapping[str, Sequence[Import]]) -> list[list[str]]:
    """One cycle for every module from which a walk comes back to one on its path."""
    edges = {module: sorted({each.target for each in imported} & set(graph)) for module, imported in graph.items()}
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
        elif module not in done:
            for target in edges[module]:
                walk(target, [*path, module])
            done.add(module)

    for module in sorted(edges):
        walk(module, [])
    return found


def read_sources(folder: Path) -> dict[str, str]:
    """Every module of the package by its dotted name."""
    return {
        ".".join([PACKAGE, *path.relative_to(folder).with_suffix("").parts]): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }


def test_the_code_keeps_to_the_table() -> None:
    rooms = read_rooms((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    assert violations(read_sources(ROOT / "src" / PACKAGE), rooms) == []


def test_the_table_gives_the_sampler_to_fit_alone() -> None:
    rooms = read_rooms((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    for sampler in ("pymc", "nutpie", "pytensor"):
        assert {room.name for room in rooms.values() if sampler in room.third_parties} == {
            "fit, centring, compiling, contract"
        }
    assert len({room.floor for room in rooms.values()}) == 8


TABLE = {
    name: Room(name, floor, "here", frozenset(parties))
    for name, floor, parties in [("errors", 0, ()), ("panel", 1, ()), ("ranks", 1, ("scipy",)), ("cli", 7, ("typer",))]
}
SOUND = {
    "ranktrust.__init__": '__version__ = "1"',
    "ranktrust.errors": "import json\nfrom ranktrust import __version__",
    "ranktrust.panel": "import numpy as np\nimport xarray.testing\nfrom .errors import Oops",
    "ranktrust.ranks.__init__": "from ranktrust.ranks.posterior import pmf\nfrom . import posterior",
    "ranktrust.ranks.posterior": "from scipy.stats import norm\nfrom ..errors import Oops",
    "ranktrust.cli": "import typer\nfrom ranktrust.errors import Oops\ndef go():\n    from ranktrust.ranks import pmf",
}


def test_a_sound_house_has_nothing_to_report() -> None:
    assert violations(SOUND, TABLE) == []


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("errors", "from ranktrust.panel import Panel", "errors:1 on floor 0 may not import panel on floor 1"),
        ("errors", "from ranktrust import panel", "errors:1 on floor 0 may not import panel on floor 1"),
        ("errors", "import ranktrust.panel", "errors:1 on floor 0 may not import panel on floor 1"),
        ("errors", "def f():\n    from . import panel", "errors:2 on floor 0 may not import panel on floor 1"),
        ("panel", "from ranktrust.ranks.posterior import pmf", "panel:1 on floor 1 may not import ranks on floor 1"),
        (
            "ranks.posterior",
            "from ..panel import Panel",
            "ranks.posterior:1 on floor 1 may not import panel on floor 1",
        ),
        (
            "panel",
            "if TYPE_CHECKING:\n    import ranktrust.ranks",
            "panel:2 on floor 1 may not import ranks on floor 1",
        ),
        ("panel", "importlib.import_module('ranktrust.ranks')", "panel:1 on floor 1 may not import ranks on floor 1"),
        ("panel", "import scipy", "panel:1 may not import scipy"),
        ("panel", "def f():\n    import pymc as pm", "panel:2 may not import pymc"),
        ("panel", "__import__('pymc')", "panel:1 may not import pymc"),
        ("errors", "import numpy", "errors:1 may not import numpy"),
        ("cli", "from ranktrust.ranks import pmf", "cli:1 imports ranks as it loads, not inside a command"),
    ],
)
def test_each_kind_of_breach_is_seen(module: str, source: str, expected: str) -> None:
    assert violations(SOUND | {f"ranktrust.{module}": source}, TABLE)[0] == f"ranktrust.{expected}"


def test_a_cycle_inside_a_room_is_seen() -> None:
    cycle = {
        "ranktrust.ranks.__init__": "",
        "ranktrust.ranks.posterior": "from ranktrust.ranks import sets",
        "ranktrust.ranks.sets": "def f():\n    from .orders import g",
        "ranktrust.ranks.orders": "from ranktrust.ranks.posterior import pmf",
    }
    ring = [f"ranktrust.ranks.{name}" for name in ("orders", "posterior", "sets", "orders")]
    assert violations(SOUND | cycle, TABLE) == [f"cycle: {' -> '.join(ring)}"]


def test_a_room_that_is_not_listed_is_seen() -> None:
    assert violations(SOUND | {"ranktrust.attic": ""}, TABLE) == ["attic is not listed"]


def test_the_state_of_a_room_is_checked_both_ways() -> None:
    planned = TABLE | {"panel": Room("panel", 1, "planned", frozenset())}
    assert violations(SOUND, planned) == ["panel is here, but marked planned"]
    absent = TABLE | {"league": Room("league", 4, "here", frozenset())}
    assert violations(SOUND, absent) == ["league is marked here, but absent"]
    assert violations(SOUND, TABLE | {"league": Room("league", 4, "planned", frozenset())}) == []


def test_the_table_is_read_from_the_page() -> None:
    rows = "| words, errors | 0 | here | names | |\n| fit | 3 | planned | draws | pymc, nutpie |\n"
    words = Room("words, errors", 0, "here", frozenset())
    fit = Room("fit", 3, "planned", frozenset({"pymc", "nutpie"}))
    page = f"# Title\n\n{HEADING}\n|---|--:|---|---|---|\n{rows}\nafter | it\n"
    assert read_rooms(page) == {"words": words, "errors": words, "fit": fit}


def test_modules_of_one_row_may_import_each_other_but_not_in_a_ring() -> None:
    one = Room("panel, ranks", 1, "here", frozenset({"scipy"}))
    shared = TABLE | {"panel": one, "ranks": one}
    assert violations(SOUND | {"ranktrust.panel": "from ranktrust import ranks"}, shared) == []
    ring = {"ranktrust.panel": "from ranktrust import ranks", "ranktrust.ranks.__init__": "import ranktrust.panel"}
    assert violations(SOUND | ring, shared) == ["cycle: ranktrust.ranks -> ranktrust.panel -> ranktrust.ranks"]
