"""The figures in data/: each agrees with its passport and with itself; with the published files, byte for byte."""

import csv
import hashlib
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from ranktrust.intake import build_data, read_sources
from ranktrust.intake.ae import read_ae
from ranktrust.intake.cancer import ALL_CANCERS, ALL_MODALITIES, check_margins, read_extract, sum_parts

DATA = Path(__file__).resolve().parents[1] / "data"
TABLES = sorted(path.relative_to(DATA).with_suffix("").as_posix() for path in DATA.rglob("*.csv"))
PROPORTIONS = ("ae_4h", "cancer_62d", "cancer_28d", "cancelled_28d", "fft_inpatient", "surgical", "child_heart")


def read(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def passport(table: str) -> dict:
    return json.loads((DATA / f"{table}.passport.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def general() -> set[str]:
    return {row["trust"] for row in read("trusts") if row["subtype"] in SUBTYPES}


SUBTYPES = ("Acute - Teaching", "Acute - Large", "Acute - Medium", "Acute - Small", "Acute - Multi-Service")


def test_every_declared_table_is_there_and_no_other():
    assert set(TABLES) == set(read_sources(DATA / "sources.toml"))
    assert len(TABLES) == 18


@pytest.mark.parametrize("table", TABLES)
def test_passport_agrees_with_its_table(table):
    content, said = (DATA / f"{table}.csv").read_bytes(), passport(table)
    rows = list(csv.reader(content.decode().splitlines()))
    assert said["sha256"] == hashlib.sha256(content).hexdigest()
    assert (said["rows"], said["columns"], said["table"]) == (len(rows) - 1, rows[0], table)
    assert said["schema_version"] == 1
    assert said["address"].startswith("https://")
    assert said["notes"]
    assert all(len(file["sha256"]) == 64 for file in said["published_files"])
    assert b"\r" not in content


@pytest.mark.parametrize("table", TABLES)
def test_licence_and_attribution_are_stated(table):
    said = passport(table)
    cited = {"BUGS examples manual": "surgical" in table, "Lancet": table == "child_heart"}
    assert ("Open Government Licence v3.0" in said["attribution"]) is not any(cited.values())
    for words, of in cited.items():
        assert (words in said["licence"]) is of


def test_no_published_file_is_kept():
    kinds = {path.suffix for path in DATA.rglob("*") if path.is_file()}
    assert kinds == {".csv", ".json", ".md", ".toml"}
    published = {file["sha256"] for table in TABLES for file in passport(table)["published_files"]}
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in DATA.rglob("*") if path.is_file()}
    assert not published & kept


@pytest.mark.parametrize("table", PROPORTIONS)
def test_a_part_is_no_more_than_its_whole(table):
    rows = read(table)
    assert all(0 <= float(row["numerator"]) <= float(row["denominator"]) for row in rows)
    assert min(float(row["denominator"]) for row in rows) > 0


@pytest.mark.parametrize("table", [*PROPORTIONS, "shmi", "staff_engagement"])
def test_rows_are_sorted_and_stand_once(table):
    keys = [(row["trust"], row["period_start"]) for row in read(table)]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("table", ["ae_4h", "cancer_62d", "cancer_28d", "cancelled_28d", "fft_inpatient"])
def test_half_counts_stand_only_in_cancer_62d(table):
    whole = all(float(row[name]).is_integer() for row in read(table) for name in ("numerator", "denominator"))
    assert whole is (table != "cancer_62d")
    assert all((2 * float(row["denominator"])).is_integer() for row in read(table))
    assert not any(row["denominator"].endswith(".0") for row in read(table))


def test_ae_has_26_consecutive_months(general):
    months: dict[str, set[str]] = defaultdict(set)
    for row in read("ae_4h"):
        months[row["period_start"]].add(row["trust"])
    numbers = [int(start[:4]) * 12 + int(start[5:7]) for start in sorted(months)]
    assert len(numbers) == 26
    assert all(later - earlier == 1 for earlier, later in pairwise(numbers))
    assert all(general <= trusts for trusts in months.values())


def test_trusts_and_their_types(general):
    rows = read("trusts")
    assert len(general) == 118
    assert sum(row["subtype"] == "Acute - Specialist" for row in rows) == 11
    assert {row["trust"] for row in read("shmi")} == general
    assert len({row["region"] for row in rows}) == 7
    assert len({row["icb"] for row in rows if row["trust"] in general}) == 36
    assert not any(row["name"].isupper() or row["name"] != row["name"].strip() for row in rows)


def test_cancer_and_cancelled_cover_the_general_trusts(general):
    for table, periods, missing in (
        ("cancer_62d", 10, {}),
        ("cancer_28d", 10, {}),
        ("cancelled_28d", 4, {"R1K": 1, "RVR": 3}),
    ):
        counts = dict.fromkeys(general, 0)
        for row in read(table):
            counts[row["trust"]] = counts.get(row["trust"], 0) + 1
        assert {trust: counts[trust] for trust in general if counts[trust] != periods} == missing


def test_names_are_in_proper_case():
    names = {row["trust"]: row["name"] for row in read("trusts")}
    assert names["RJ1"] == "Guy's and St Thomas' NHS Foundation Trust"
    assert names["RTG"] == "University Hospitals of Derby and Burton NHS Foundation Trust"
    assert names["RPY"] == "The Royal Marsden NHS Foundation Trust"


def test_context_covers_117_of_118(general):
    context = {row["trust"]: row for row in read("context")}
    assert general <= context.keys()
    assert [trust for trust in sorted(general) if not context[trust]["deprivation"]] == ["RH5"]
    assert "no catchment" in context["RH5"]["note"]
    assert all("before the merger" in context[trust]["note"] for trust in ("RH8", "RBN", "RAL"))


def test_benchmarks_are_what_their_basis_says():
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for table in ("ae_4h", "cancer_62d", "cancer_28d", "fft_inpatient"):
        for row in read(table):
            sums[table, row["period_start"]][0] += float(row["numerator"])
            sums[table, row["period_start"]][1] += float(row["denominator"])
    national = {(row["indicator"], row["period_start"]): row for row in read("national")}
    for key, (part, whole) in sums.items():
        assert (float(national[key]["numerator"]), float(national[key]["denominator"])) == (part, whole)
        assert float(national[key]["value"]) == part / whole
    assert float(national["shmi", "2025-01-01"]["value"]) == 1
    assert len(national) == 26 + 10 + 10 + 4 + 1 + 1 + 1


def test_benchmarks_are_sane():
    low_high = {"ae_4h": (0.5, 0.7), "cancer_62d": (0.6, 0.8), "cancer_28d": (0.7, 0.85), "cancelled_28d": (0.15, 0.3)}
    for row in read("national"):
        low, high = low_high.get(row["indicator"], (0.9, 7))
        assert low < float(row["value"]) < high


def test_staff_engagement_errors_differ_by_more_than_base():
    rows = read("staff_engagement")
    item_sds = {float(row["standard_error"]) * float(row["base"]) ** 0.5 for row in rows}
    assert len(rows) == 135
    assert len(item_sds) == 135
    assert all(1.4 < sd < 2.3 for sd in item_sds)


def test_the_part_of_r1f_is_the_acute_one():
    codes = [row["trust"] for row in read("staff_engagement")]
    assert codes.count("R1F") == 1
    assert not {"R1F1", "R1F2"} & set(codes)
    assert any("R1F1" in note for note in passport("staff_engagement")["notes"])


def test_reference_is_the_published_table():
    rows = {row["trust"]: row for row in read("reference/bugs_surgical")}
    assert "".join(rows) == "ABCDEFGHIJKL"
    assert rows["A"]["re_mean"] == "0.05298"
    assert (rows["H"]["re_rank_lower"], rows["H"]["re_rank_upper"]) == ("9", "12")


def test_rebuild_is_the_same_byte_for_byte(shared, tmp_path):
    written = build_data(shared, tmp_path / "data", DATA / "sources.toml")
    assert len(written) == 2 * len(TABLES)
    for path in written:
        assert path.read_bytes() == (DATA / path.relative_to(tmp_path / "data")).read_bytes(), path.name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_england_is_the_sum_of_its_providers(shared):
    source = read_sources(DATA / "sources.toml")["ae_4h"]
    publication = read_ae(source.find(shared), source.period)
    assert len(publication.benchmarks) == 26
    for _, start, _, part, whole, *_ in publication.benchmarks:
        rows = [row for row in publication.tables["ae_4h"].rows if row[2] == start]
        assert (sum(row[4] for row in rows), sum(row[5] for row in rows)) == (part, whole)


def test_cancer_margins_agree(shared):
    for path in sorted(shared.glob("published/cancer/*.xlsx")):
        parts = [part for part in read_extract(path) if part.standard == "62-day Combined"]
        left = sum_parts(part for part in parts if part.cancer == ALL_CANCERS)
        right = sum_parts(part for part in parts if part.modality == ALL_MODALITIES)
        assert left == right
        assert len(left) > 500
        assert check_margins(parts) == []
