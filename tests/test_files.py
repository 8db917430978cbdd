"""Files are written whole or not at all."""

import hashlib
import json

import pytest

from ranktrust.errors import RunError
from ranktrust.files import sha256_of, write_json, write_text, write_whole


def test_text_is_utf8_with_lf_in_a_folder_made_for_it(tmp_path):
    path = write_text(tmp_path / "new" / "folder" / "a.txt", "café\n")
    assert path.read_bytes() == b"caf\xc3\xa9\n"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


def test_json_round_trips_and_ends_with_a_line(tmp_path):
    path = write_json(tmp_path / "a.json", {"b": 1.25, "a": ["é", None]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"b": 1.25, "a": ["é", None]}
    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_json_refuses_nan_and_leaves_the_old_file(tmp_path):
    path = write_json(tmp_path / "a.json", 1)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, float("nan"))
    assert path.read_text(encoding="utf-8") == "1\n"


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt()])
def test_a_writer_that_fails_leaves_nothing(tmp_path, error):
    def write(part):
        part.write_text("half")
        raise error

    with pytest.raises(type(error)):
        write_whole(tmp_path / "a.txt", write)
    assert list(tmp_path.iterdir()) == []


def test_a_writer_that_fails_leaves_the_old_file(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")

    def write(part):
        part.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunError, match=r"a\.txt could not be written: No space left on device"):
        write_whole(path, write)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_a_place_that_cannot_be_a_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"a\.txt could not be written: "):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_the_digest_is_that_of_the_bytes(tmp_path):
    path = write_text(tmp_path / "a.txt", "abc")
    assert sha256_of(path) == hashlib.sha256(b"abc").hexdigest()
    assert sha256_of(path).startswith("ba7816bf")  # FIPS 180-2, appendix B.1
