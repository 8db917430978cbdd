"""The published tables as CSV files with a data dictionary and a package description that programs can read."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ranktrust.files import sha256_of, write_json, write_text
from ranktrust.publish.columns import COLUMNS, PARTS

PACKAGE: Final = "datapackage.json"
DICTIONARY: Final = "dictionary.json"
TABLES: Final = "tables.json"
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


def write_tidy(tables: Mapping[str, pd.DataFrame], folder: Path, about: Mapping[str, Any]) -> list[Path]:
    """Write one CSV a table, all as tables.json, dictionary.json and a Frictionless datapackage.json to `folder`.

    `about` has the package's name, title, created, licences and sources. A text that a spreadsheet program would take
    for a formula gets an apostrophe in front, and the dictionary says so.
    """
    files = [write_text(folder / f"{name}.csv", csv_text(frame)) for name, frame in tables.items()]
    dictionary = {
        "note": "An empty cell means that a value does not apply. A text that begins with =, +, - or @ has an "
        "apostrophe in front, so that no spreadsheet program runs it.",
        "tables": {
            name: {
                "description": PARTS[name],
                "columns": {str(column): COLUMNS[str(column)] for column in frame.columns},
            }
            for name, frame in tables.items()
        },
    }
    files.append(write_json(folder / DICTIONARY, dictionary))
    files.append(write_text(folder / TABLES, json_text(tables)))
    resources = [_resource(name, frame, folder / f"{name}.csv") for name, frame in tables.items()]
    files.append(write_json(folder / PACKAGE, {"profile": "data-package", **about, "resources": resources}))
    return files


def json_text(tables: Mapping[str, pd.DataFrame]) -> str:
    """Every table as JSON: its columns once, then its rows; null where a value does not apply, texts as they are."""
    shown = {
        name: {
            "columns": [str(column) for column in frame.columns],
            "rows": [[_plain(value) for value in row] for row in frame.itertuples(index=False)],
        }
        for name, frame in tables.items()
    }
    return json.dumps(shown, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    if value is None or pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV with LF line ends, numbers in full, texts made harmless."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows([[_cell(value) for value in row] for row in frame.itertuples(index=False)])
    return out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_RISKY) else value
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, bool):
        return json.dumps(value)
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _resource(name: str, frame: pd.DataFrame, path: Path) -> dict[str, Any]:
    return {
        "name": name.replace("_", "-"),
        "path": path.name,
        "title": PARTS[name],
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "schema": {
            "fields": [
                {"name": str(column), "type": _type(frame[column]), "description": COLUMNS[str(column)]}
                for column in frame.columns
            ],
            "missingValues": [""],
        },
    }


def _type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column) else "string"
