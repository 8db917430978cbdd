"""Take the published figures that reproductions are held to: python tools/references.py [--shared DIR] [--out DIR].

They are outputs of other programs and one release of official limits, as figures without prose; sources.json says
whose.
"""

import argparse
import csv
import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PLACE = PROJECT / "src" / "ranktrust" / "evidence" / "references"
SHMI = {"PROVIDER": "trust", "OBSERVED": "observed", "EXPECTED": "expected", "OD_LL": "lower", "OD_UL": "upper"}
BANDS = {"1": "higher", "2": "as expected", "3": "lower"}


def shmi(shared: Path) -> list[list[str]]:
    """Observed, expected, over-dispersed limits and band of one release; rows without figures are its foot."""
    with (shared / "published/shmi/shmi-2014-april.csv").open(encoding="latin-1", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["OBSERVED"]]
    kept = [[*(row[name] for name in SHMI), BANDS[row["OD_BANDING"][0]]] for row in rows]
    return [[*SHMI.values(), "band"], *sorted(kept)]


def pisa(shared: Path) -> list[list[str]]:
    """Scores and standard errors of 38 countries, and the bounds of csranks at 95 %, stepping down, 10,000 draws."""
    bounds = {}
    for row in table(shared / "oracles/csranks/csranks_pisa2018_math.csv"):
        asked = (row["coverage"], row["cstype"], row["stepdown"], row["simul"], row["R"])
        if asked == ("0.95", "two-sided", "TRUE", "TRUE", "10000"):
            bounds[row["unit"]] = [row["L"], row["U"]]
    scores = table(shared / "oracles/csranks/pisa2018_input.csv")
    rows = [[row["jurisdiction"], row["math_score"], row["math_se"], *bounds[row["jurisdiction"]]] for row in scores]
    return [["country", "score", "standard_error", "rank_lower", "rank_upper"], *rows]


def names(shared: Path) -> list[list[str]]:
    """P(row above column) of 76 first names to six digits, and the grade that drrank gave each at lambda 0.25."""
    folder = shared / "oracles/drrank"
    grades = {row["firstname"]: row["grade"] for row in table(folder / "names76_grade_dp_refined_lam0.25.csv")}
    with (folder / "pairwise_from_post_dist_5000.csv").open(encoding="utf-8", newline="") as lines:
        head, *rows = list(csv.reader(lines))
    shown = [[row[0], grades[row[0]], *(f"{float(cell):.6f}" for cell in row[1:])] for row in rows]
    return [["name", "grade", *head[1:]], *shown]


def smoking(shared: Path) -> list[list[str]]:
    """Effects of four treatments against the first and standard errors of all contrasts, random effects, by netmeta."""
    effects, errors = (table(shared / f"oracles/poth/smoking_{name}_random.csv") for name in ("TE", "seTE"))
    pscores = {row["trt"]: row["pscore_random"] for row in table(shared / "oracles/poth/smoking_pscores.csv")}
    treatments = [row[""] for row in effects]
    rows = [
        [name, effects[place][treatments[0]], pscores[name], *(errors[place][other] for other in treatments)]
        for place, name in enumerate(treatments)
    ]
    return [["treatment", "effect", "pscore", *(f"error_{name}" for name in treatments)], *rows]


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a file of comma-separated values."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


TABLES = {"shmi_2014": shmi, "pisa_2018": pisa, "names_76": names, "smoking": smoking}


def write(shared: Path, out: Path) -> list[Path]:
    """Write every table; return the files."""
    out.mkdir(parents=True, exist_ok=True)
    for name, make in TABLES.items():
        with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(make(shared))
    return [out / f"{name}.csv" for name in TABLES]


def main() -> int:
    """Write the tables from the folder of published files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = os.environ.get("RANKTRUST_SHARED") or str(PROJECT.parent / "shared")
    parser.add_argument("--shared", type=Path, default=Path(default))
    parser.add_argument("--out", type=Path, default=PLACE)
    given = parser.parse_args()
    print("\n".join(str(path) for path in write(given.shared, given.out)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
