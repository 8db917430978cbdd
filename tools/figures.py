"""Rebuild data/ from the published files: python tools/figures.py [--shared DIR] [--out DIR]."""

import argparse
import os
import sys
from pathlib import Path

from ranktrust.errors import RanktrustError
from ranktrust.intake import build_data

PROJECT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Rebuild every table; return the exit code of the command."""
    parser = argparse.ArgumentParser(description="Rebuild data/ from the published files.")
    default = os.environ.get("RANKTRUST_SHARED") or str(PROJECT.parent / "shared")
    parser.add_argument("--shared", type=Path, default=Path(default), help="folder of published/ and figures/")
    parser.add_argument("--out", type=Path, default=PROJECT / "data", help="folder to write to")
    given = parser.parse_args()
    try:
        written = build_data(given.shared, given.out, PROJECT / "data" / "sources.toml")
    except RanktrustError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(f"{len(written)} files written to {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
