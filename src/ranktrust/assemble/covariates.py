"""What the ledger says of a study's covariates: where they come from, and which trusts have none or an odd one."""

from collections.abc import Iterable, Mapping
from typing import Any

from ranktrust.assemble.passports import read_passport
from ranktrust.assemble.tables import read_table
from ranktrust.ledger import Covariate
from ranktrust.study import Study


def covariates_of(study: Study) -> tuple[Covariate, ...]:
    """The covariates that the study asks for, with the reference of each and the passport of their table."""
    if not study.context:
        return ()
    passport = read_passport(study, "context")
    return tuple(
        Covariate(
            name=name,
            centre=reference.centre,
            scale=reference.scale,
            reference_source=reference.source,
            missing=reference.missing,
            publication=str(passport["title"]),
            publisher=str(passport["publisher"]),
            address=str(passport["address"]),
            notes=tuple(str(note) for note in passport.get("notes", ())),
        )
        for name, reference in study.context.items()
    )


def context_entries(study: Study, trusts: Iterable[str]) -> list[Mapping[str, Any]]:
    """One entry a trust and covariate: the value as published, empty where there is none, and its note."""
    if not study.context:
        return []
    rows = (
        read_table("context", study).rows.drop_duplicates("trust").set_index("trust").reindex(list(trusts)).fillna("")
    )
    return [
        {"trust": trust, "covariate": name, "value": row[name], "note": row["note"]}
        for name in study.context
        for trust, row in rows.iterrows()
    ]
