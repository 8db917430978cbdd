#!/usr/bin/env python3
"""Make `.venv` from requirements/lock.txt, or see at once that it is already made.

    python3 tools/bootstrap.py          make or renew .venv
    python3 tools/bootstrap.py lock     resolve requirements/lock.txt again from pyproject.toml

Any Python 3.8 or newer runs this file; it needs nothing but the standard library. The stamp in .venv is
taken away first and written last, so an interrupted or broken set-up is redone and a good one costs nothing.
"""

from __future__ import annotations

import ast
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Iterator, Mapping, NamedTuple, Sequence

ROOT = Path(__file__).resolve().parent.parent
LOWEST = (3, 12)
VARIABLE = "RANKTRUST_PYTHON"
STAMP = "ranktrust-stamp.json"
DISTRACTIONS = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_USER",
    "UV_PYTHON",
    "UV_TARGET",
)
WHO = """
import os, sys
who = "%d.%d.%d " % sys.version_info[:3] + os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
"""
PROBE = (
    WHO
    + """
import bz2, ctypes, ensurepip, lzma, sqlite3, ssl, sysconfig, venv, zlib
usable = sys.implementation.name == "cpython" and sys.version_info.releaselevel == "final"
print(usable and not sysconfig.get_config_var("Py_GIL_DISABLED"), who)
"""
)
FOLDERS = (
    "{PYENV_ROOT}/versions/*",
    "~/.pyenv/versions/*",
    "{UV_PYTHON_INSTALL_DIR}/*",
    "~/.local/share/uv/python/*",
    "~/.local/share/mise/installs/python/*",
    "~/.asdf/installs/python/*",
    "{CONDA_PREFIX}",
    "~/*conda3",
    "~/*conda3/envs/*",
    "~/*forge*",
    "~/*forge*/envs/*",
    "/opt/*conda*",
    "/opt/*forge*",
    "/opt/python*",
    "/usr/local",
    "/usr",
    "/opt/homebrew",
    "/Library/Frameworks/Python.framework/Versions/*",
)


class SetupError(Exception):
    """A set-up that cannot go on; its text is the whole message, `exit_code` what the shell is told."""

    def __init__(self, message: str, exit_code: int = 5) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Python(NamedTuple):
    """An interpreter that was run and answered."""

    version: tuple[int, ...]
    path: str

    def __str__(self) -> str:
        return "{} {}".format(".".join(map(str, self.version)), self.path)


def clean_environment() -> dict[str, str]:
    """Give the environment without what would lead Python, pip or uv away from .venv."""
    return {name: value for name, value in os.environ.items() if name not in DISTRACTIONS}


def answer_of(command: Sequence[str]) -> str:
    """Return what a command printed, or nothing when it could not be run, failed or hung."""
    try:
        done = subprocess.run(
            list(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(),
            timeout=30,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()


def probe(path: str) -> Python | None:
    """Run one interpreter; None when it fails, is too old, or lacks what a virtual environment needs."""
    usable, _, rest = answer_of([path, "-I", "-c", PROBE]).partition(" ")
    version, _, base = rest.partition(" ")
    if usable != "True":
        return None
    found = Python(tuple(int(part) for part in version.split(".")), base)
    inside = Path(base).parent == ROOT / ".venv" / "bin"
    return None if found.version < LOWEST or inside else found


def places() -> Iterator[str]:
    """Names on PATH, then the folders of version managers; whether they run is found out by running them."""
    wanted = preferred_version()
    for name in (f"python{wanted}", "python3.13", "python3.12", "python3.14", "python3", "python"):
        where = shutil.which(name)
        if where:
            yield where
    for folder in FOLDERS:
        variable = re.match(r"\{(\w+)\}", folder)
        if variable and not os.environ.get(variable.group(1)):
            continue
        pattern = os.path.expanduser(folder.format(**os.environ) if variable else folder)
        yield from sorted(
            glob.glob(pattern + "/bin/python3.1[0-9]") + glob.glob(pattern + "/bin/python3"), reverse=True
        )


def preferred_version() -> str:
    """Read the minor version that .python-version asks for."""
    try:
        return ".".join((ROOT / ".python-version").read_text(encoding="utf-8").strip().split(".")[:2])
    except OSError:
        return "3.13"


def find_python() -> Python:
    """Choose the interpreter: RANKTRUST_PYTHON if set, else the preferred version, else the highest.

    Raises SetupError, one sentence, when none fits.
    """
    lowest = ".".join(map(str, LOWEST))
    asked = os.environ.get(VARIABLE)
    if asked:
        found = probe(shutil.which(os.path.expanduser(asked)) or asked)
        if found is None:
            raise SetupError(
                f"{VARIABLE} is {asked}, which does not run as a Python {lowest} or newer with venv, ensurepip and ssl:"
                " point it at one that does.",
                2,
            )
        return found
    wanted = tuple(int(part) for part in preferred_version().split("."))
    working = []
    for path in dict.fromkeys(places()):
        found = probe(path)
        if found and found.version[:2] == wanted:
            return found
        if found:
            working.append(found)
    if not working:
        raise SetupError(
            f"no Python {lowest} or newer that runs with venv, ensurepip and ssl was found on PATH or in the folders of"
            f" pyenv, uv, mise, asdf, conda and the system: install one, or set {VARIABLE} to its path.",
            2,
        )
    return max(working)


def key_of(root: Path) -> str:
    """Digest everything that .venv depends on but its interpreter."""
    digest = hashlib.sha256(str(root).encode())
    for name in ("requirements/lock.txt", "pyproject.toml", ".python-version"):
        path = root / name
        if not path.is_file():
            raise SetupError(f"{name} is missing: restore it from the repository.", 2)
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def installed(root: Path) -> list[str]:
    """List the distributions in .venv, each with its version."""
    return sorted(path.name for path in (root / ".venv").glob("lib/python3*/site-packages/*.dist-info"))


def is_ready(root: Path) -> bool:
    """Whether .venv was finished from this lock, in this folder, with this interpreter, and still holds everything."""
    venv = root / ".venv"
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
        key, python, packages = stamp["key"], stamp["python"], stamp["packages"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if key != key_of(root) or not set(packages) <= set(installed(root)) or not (venv / "bin" / "ranktrust").exists():
        return False
    asked = str(find_python()) if os.environ.get(VARIABLE) else python
    return asked == python == answer_of([str(venv / "bin" / "python"), "-I", "-S", "-c", WHO + "print(who)"])


def run(command: Sequence[str], purpose: str, env: Mapping[str, str]) -> None:
    """Run one step in the open; a failure is one sentence after the tool's own words."""
    done = subprocess.run(list(command), env=dict(env), cwd=str(ROOT), stdout=sys.stderr, check=False)
    if done.returncode:
        raise SetupError(f"{purpose} failed (see above); run the same command again once that is mended.")


def pip_settings(python: str) -> dict[str, str]:
    """Pip's settings in force, from its files and the environment: `index-url`, `find-links`, `cert` and so on."""
    settings: dict[str, tuple[int, str]] = {}
    strength = {"global": 0, "install": 1, ":env:": 2}
    for line in answer_of([python, "-m", "pip", "config", "list"]).splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.partition(".")
        if section in strength and strength[section] >= settings.get(option, (-1, ""))[0]:
            settings[option] = (strength[section], str(ast.literal_eval(value)))
    return {option: value for option, (_, value) in settings.items()}


def uv_environment(settings: Mapping[str, str], *, extra: bool = True) -> dict[str, str]:
    """Let uv find packages where pip would; what the user set for uv itself is kept.

    uv reads none of pip's settings. `extra` adds the further indexes and folders of packages; as pip does, every
    index may then serve a package, which is safe because the lock's hashes decide what is accepted.
    """
    env = clean_environment()
    folders = [link for link in settings.get("find-links", "").split() if "://" in link or os.path.isdir(link)]
    timeout = settings.get("timeout", settings.get("default-timeout", ""))
    wanted = [
        (("UV_DEFAULT_INDEX", "UV_INDEX_URL"), settings.get("index-url", "")),
        (("UV_NO_INDEX",), "1" if settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else ""),
        (("SSL_CERT_FILE",), settings.get("cert", "")),
        (("SSL_CLIENT_CERT",), settings.get("client-cert", "")),
        (("UV_INSECURE_HOST",), " ".join(settings.get("trusted-host", "").split())),
        (("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), settings.get("proxy", "")),
        (("UV_HTTP_TIMEOUT",), timeout.split(".")[0]),
    ]
    if extra:
        wanted += [
            (("UV_EXTRA_INDEX_URL", "UV_INDEX"), " ".join(settings.get("extra-index-url", "").split())),
            (("UV_FIND_LINKS",), ",".join(folders)),
            (("UV_INDEX_STRATEGY",), "unsafe-best-match" if "extra-index-url" in settings else ""),
        ]
    for names, value in wanted:
        if value and not any(env.get(name) for name in names):
            env[names[0]] = value
    return env


def locked(lock: str, package: str) -> str:
    """Find the lines of the lock that pin one package, hashes and all."""
    found = re.search(rf"^{re.escape(package)}==(?:.*\\\n)*.*$", lock, re.MULTILINE)
    if found is None:
        raise SetupError(f"requirements/lock.txt does not pin {package}: restore it from the repository.", 2)
    return found.group(0) + "\n"


def install_uv(python: str) -> None:
    """Put the locked uv into .venv with pip, which obeys the user's own settings by itself."""
    lines = locked((ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8"), "uv")
    handle, name = tempfile.mkstemp(suffix=".txt")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(lines)
        pip = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "--no-deps",
        ]
        run([*pip, "-r", name], "Installing uv", clean_environment())
    finally:
        os.unlink(name)


def make_venv(root: Path, python: Python) -> None:
    """Put an empty .venv of this interpreter in place of whatever was there."""
    venv = root / ".venv"
    if venv.is_symlink() or venv.is_file():
        venv.unlink()
    elif venv.exists():
        if (venv / STAMP).exists():
            (venv / STAMP).unlink()
        shutil.rmtree(str(venv))
    run([python.path, "-I", "-m", "venv", str(venv)], "Making .venv", clean_environment())


def set_up(root: Path, python: Python) -> None:
    """Everything, in order; the stamp comes last."""
    print(f"ranktrust: setting up .venv with Python {python} (some minutes the first time)", file=sys.stderr)
    key = key_of(root)
    make_venv(root, python)
    inside = str(root / ".venv" / "bin" / "python")
    install_uv(inside)
    uv = [str(root / ".venv" / "bin" / "uv"), "pip", "install", "--quiet", "--python", inside]
    env = uv_environment(pip_settings(inside))
    lock = [*uv, "--require-hashes", "--compile-bytecode", "-r", "requirements/lock.txt"]
    run(lock, "Installing the locked requirements", env)
    run([*uv, "--no-deps", "--no-build-isolation", "--editable", "."], "Installing ranktrust itself", env)
    stamp = {
        "key": key,
        "python": answer_of([inside, "-I", "-S", "-c", WHO + "print(who)"]),
        "packages": installed(root),
    }
    partial = root / ".venv" / (STAMP + ".part")
    partial.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    os.replace(str(partial), str(root / ".venv" / STAMP))


def lock(root: Path, upgrade: bool = False) -> None:
    """Resolve the lock for the lowest Python, on the main index alone, and write no address into it.

    Versions that the lock already holds stay unless `upgrade` is asked for.
    """
    inside = str(root / ".venv" / "bin" / "python")
    command = [str(root / ".venv" / "bin" / "uv"), "pip", "compile", "pyproject.toml", "--quiet"]
    command += ["--group", "dev", "--group", "docs"]
    command += ["--universal", "--python-version", ".".join(map(str, LOWEST)), "--generate-hashes"]
    command += ["--upgrade"] if upgrade else []
    command += ["--no-emit-index-url", "--no-header", "--no-annotate", "--output-file", "requirements/lock.txt"]
    run(command, "Resolving the lock", uv_environment(pip_settings(inside), extra=False))


def main(arguments: Sequence[str]) -> int:
    """Set up, or lock; every expected failure is one sentence on stderr."""
    try:
        if list(arguments) in (["lock"], ["upgrade"]):
            lock(ROOT, upgrade=arguments[0] == "upgrade")
        elif arguments:
            print(
                f"ranktrust: unknown argument {arguments[0]!r}: give none to set up, or lock, or upgrade.",
                file=sys.stderr,
            )
            return 2
        elif not is_ready(ROOT):
            set_up(ROOT, find_python())
    except SetupError as error:
        print(f"ranktrust: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"ranktrust: the set-up failed: {error}.", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        print("ranktrust: the set-up was interrupted; the next one starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
