"""Where everything in a publication comes from, for programs: an RO-Crate (Research Object Crate 1.1, JSON-LD)."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ranktrust.files import sha256_of, write_json

CRATE: Final = "ro-crate-metadata.json"
_PROFILE: Final = "https://w3id.org/ro/crate/1.1"
_TYPES: Final = {".ods": "application/vnd.oasis.opendocument.spreadsheet", ".ipynb": "application/x-ipynb+json"}


def write_crate(folder: Path, manifest: Mapping[str, Any], about: Mapping[str, Any]) -> Path:
    """Write ro-crate-metadata.json for every file of the folder; call it last.

    `about` has the title, description, creation time and sources (title, path, publisher, licence), `manifest` is the
    run's. The run itself is an action: figures and model files in, files of the folder out.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != CRATE]
    entities = [_file(folder, path) for path in files]
    sources = [_source(place, source) for place, source in enumerate(about["sources"])]
    parts = [{"@id": entity["@id"]} for entity in entities]
    graph = [_descriptor(), _root(about, parts, sources), *entities, *sources]
    graph += [_software(manifest), _action(manifest, parts, sources)]
    return write_json(folder / CRATE, {"@context": f"{_PROFILE}/context", "@graph": graph})


def _descriptor() -> dict[str, Any]:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": "./"},
    }


def _root(about: Mapping[str, Any], parts: list[dict[str, str]], sources: list[dict[str, Any]]) -> dict[str, Any]:
    licences = sorted({str(source["license"]) for source in sources if source.get("license")})
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["description"] or about["title"],
        "datePublished": about["created"],
        "version": about["version"],
        "license": "; ".join(licences) or "not recorded",
        "inLanguage": "en-GB",
        "hasPart": parts,
        "isBasedOn": [{"@id": source["@id"]} for source in sources],
        "mainEntity": {"@id": "index.html"},
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    name = path.relative_to(folder).as_posix()
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": kind,
        "contentSize": str(path.stat().st_size),
        "sha256": sha256_of(path),
    }


def _source(place: int, source: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "@id": f"#source-{place}",
        "@type": "Dataset",
        "name": str(source["title"]),
        "url": str(source.get("path", "")),
        "publisher": str(source.get("publisher", "")),
        "license": str(source.get("licence", "")),
    }
    return {name: value for name, value in found.items() if value}


def _software(manifest: Mapping[str, Any]) -> dict[str, Any]:
    versions = {str(name): str(version) for name, version in manifest.get("versions", {}).items()}
    used = ", ".join(f"{name} {version}" for name, version in versions.items() if name != "ranktrust")
    return {
        "@id": "#ranktrust",
        "@type": "SoftwareApplication",
        "name": "ranktrust",
        "version": versions.get("ranktrust", "not recorded"),
        "softwareRequirements": used or "not recorded",
    }


def _action(manifest: Mapping[str, Any], parts: list[dict[str, str]], sources: list[dict[str, Any]]) -> dict[str, Any]:
    """The run: what it read, with which digests, and what came of it."""
    figures = [f"{name} sha256 {digest}" for name, digest in manifest.get("figures", {}).items()]
    models = [
        f"model {entry['model']} sha256 {entry['model_sha256']}"
        for entry in manifest.get("indicators", ())
        if "model_sha256" in entry
    ]
    return {
        "@id": f"#run-{manifest['run_id']}",
        "@type": "CreateAction",
        "name": f"Run {manifest['run_id']} of the study {manifest['study']['name']}",
        "endTime": str(manifest["created"]),
        "instrument": {"@id": "#ranktrust"},
        "object": [{"@id": source["@id"]} for source in sources],
        "result": parts,
        "description": "; ".join(dict.fromkeys([*figures, *models])) or "not recorded",
    }
