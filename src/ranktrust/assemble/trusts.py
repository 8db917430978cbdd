"""Who is compared, and in what context."""

import pandas as pd

from ranktrust.assemble.tables import no_number, read_table
from ranktrust.errors import Fault, StudyError
from ranktrust.study import Study

FROM_FIGURES = "figures"
TRUST_COLUMNS = ("name", "region", "icb", "type", "subtype")


def comparison_set(study: Study) -> pd.DataFrame:
    """The trusts that the study compares, sorted by code, with TRUST_COLUMNS.

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
    return rows.set_index("trust")[list(TRUST_COLUMNS)].sort_index()


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
