"""Who is compared, and in what context."""

from collections.abc import Hashable, Mapping

import pandas as pd

from ranktrust.assemble.tables import no_number, read_table
from ranktrust.assets import find_asset
from ranktrust.errors import Fault, StudyError
from ranktrust.study import Study

FROM_FIGURES = "figures"
TRUST_COLUMNS = ("name", "region", "icb", "type", "subtype")


def comparison_set(study: Study) -> pd.DataFrame:
    """The trusts that the study compares, sorted by code, with TRUST_COLUMNS: those open on its date, as of that date.

    Raises StudyError for a subtype that the table of trusts does not have.
    """
    if study.trusts.table == FROM_FIGURES:
        codes = sorted({code for asked in study.indicator for code in read_table(asked.name, study).rows["trust"]})
        blank = dict.fromkeys(TRUST_COLUMNS, "")
        names = {"name": [f"{study.trusts.noun.capitalize()} {code}" for code in codes]}
        return pd.DataFrame({**blank, **names}, index=pd.Index(codes, name="trust"))
    table = read_table(study.trusts.table, study)
    rows = table.rows
    if study.trusts.subtypes:
        unknown = sorted(set(study.trusts.subtypes) - set(rows["subtype"]))
        if unknown:
            there = ", ".join(sorted(set(rows["subtype"]) - {""}))
            raise StudyError(
                f"{study.path.name}: no subtype {', '.join(unknown)} in {table.path.name}; there are: {there}"
            )
        rows = rows[rows["subtype"].isin(study.trusts.subtypes)]
    rows = rows[[not closed_or_unopened(row, study) for row in rows.to_dict("records")]]
    return placed(rows.set_index("trust")[list(TRUST_COLUMNS)].sort_index(), study)


def closed_or_unopened(row: Mapping[Hashable, object], study: Study) -> str:
    """Why a trust of the table is not open on the study's date, in words; empty where it is, or where no day stands."""
    opened, closed = (str(row.get(name, "") or "") for name in ("opened", "closed"))
    if opened and opened > study.date.isoformat():
        return f"opened on {opened}, after the study's date"
    return f"closed on {closed}" if closed and closed < study.date.isoformat() else ""


def placed(trusts: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The trusts with the region and board of the study's date, where the table of places knows them.

    The newest place that is not after the date counts; before the first one known, the first. A study with a table of
    trusts of its own has the places of that table.
    """
    if find_asset("data", f"{study.trusts.table}.csv", beside=study.folder).resolve().parent == study.folder:
        return trusts
    places = read_table("places", study).rows.sort_values("since", kind="stable")
    past = places[places["since"] <= study.date.isoformat()].drop_duplicates("trust", keep="last")
    first = places[~places["trust"].isin(past["trust"])].drop_duplicates("trust")
    known = pd.concat([past, first]).set_index("trust").reindex(trusts.index)
    return trusts.assign(region=known["region"].fillna(trusts["region"]), icb=known["icb"].fillna(trusts["icb"]))


def context_of(study: Study, trusts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Standardised covariates by trust, and the trusts with a note where a value is odd or set to the reference."""
    trusts = trusts.assign(note="")
    if not study.context:
        return pd.DataFrame(index=trusts.index), trusts
    table = read_table("context", study)
    absent = sorted(set(study.context) - set(table.rows.columns))
    if absent:
        raise StudyError(f"{study.path.name}: {table.path.name} has no covariate {', '.join(absent)}")
    raw = table.rows.drop_duplicates("trust").set_index("trust").reindex(trusts.index)
    values = pd.DataFrame(index=trusts.index)
    notes = raw["note"].fillna("")
    for name, reference in study.context.items():
        column = (pd.to_numeric(raw[name], errors="coerce") - reference.centre) / reference.scale
        if reference.missing == "reference":
            notes = notes.where(column.notna(), [_said(f"{name} set to the reference", note) for note in notes])
            column = column.fillna(0.0)
        values[name] = column
    return values, trusts.assign(note=notes)


def _said(first: str, then: str) -> str:
    return f"{first}: {then}" if then else first


def faults_of_covariates(study: Study, trusts: set[str]) -> list[Fault]:
    """A cell that is neither empty nor a number, and a second row of a trust."""
    if not study.context:
        return []
    table = read_table("context", study)
    rows = table.rows[table.rows["trust"].isin(trusts)]
    cells = [
        (line, name)
        for name in study.context
        for line in rows.index[(rows[name] != "") & pd.to_numeric(rows[name], errors="coerce").isna()]
    ]
    return [
        *(no_number(table, line, name, "Correct it, or leave it empty where there is none") for line, name in cells),
        *(
            Fault(
                table.path.name,
                f"line {line + 2}",
                f"trust {table.rows['trust'].iloc[line]} occurs twice",
                "Keep one row",
            )
            for line in rows.index[rows["trust"].duplicated()]
        ),
    ]
