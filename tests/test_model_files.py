"""Model files are found beside the study first, and refused with every breach of their contract."""

import hashlib

import pytest

from ranktrust.errors import ModelFileError
from ranktrust.model import load_model, read_model

GOOD = '''"""y ~ Normal(mu, 1)."""
NEEDS = ("numerator", "denominator")
PRIORS = {"mu": (0.0, 1.5), "s": 0.5}

def build(panel, priors=PRIORS):
    return panel, priors
'''


def written(folder, text=GOOD, name="own.py"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_model_file_declares_itself(tmp_path):
    path = written(tmp_path)
    found = read_model(path)
    assert (found.name, found.statement, found.needs) == ("own", "y ~ Normal(mu, 1).", ("numerator", "denominator"))
    assert found.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert found.build("panel", {"s": 1}) == ("panel", {"s": 1})


def test_a_file_beside_the_study_takes_the_place_of_one_that_ships(tmp_path):
    assert load_model("surgical_bugs", beside=tmp_path).statement.startswith("Deaths after heart surgery")
    path = written(tmp_path, name="surgical_bugs.py")
    assert load_model("surgical_bugs", beside=tmp_path).path == path.resolve()
    assert load_model("surgical_bugs", beside=tmp_path).statement == "y ~ Normal(mu, 1)."


def test_a_model_that_is_not_there_names_those_that_are(tmp_path):
    written(tmp_path)
    with pytest.raises(ModelFileError, match=r"no model 'nowhere'; there are: .*own, .*proportion, .*ratio"):
        load_model("nowhere", beside=tmp_path)


def test_every_breach_is_in_one_message(tmp_path):
    with pytest.raises(ModelFileError) as caught:
        read_model(written(tmp_path, "NEEDS = 'numerator'\nPRIORS = {'s': 'wide'}\nbuild = 3\n"))
    assert str(caught.value) == (
        "own.py breaks the model contract: it has no docstring; the docstring is the statement; "
        "NEEDS must be a tuple of the field names it reads; "
        "PRIORS must be a dict of a finite number or a tuple of them by name; "
        "it has no function build(panel, priors=PRIORS)"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"""y ~ Normal(mu, 1)."""', '"""  """', "it has no docstring"),
        ('("numerator", "denominator")', '["numerator"]', "NEEDS must be a tuple"),
        ('("numerator", "denominator")', '("numerator", 1)', "NEEDS must be a tuple"),
        ('"s": 0.5', '"s": ()', "PRIORS must be a dict"),
        ('"s": 0.5', '"s": True', "PRIORS must be a dict"),
        ('"s": 0.5', '"s": float("nan")', "PRIORS must be a dict"),
        ('"s": 0.5', '"s": [0.5]', "PRIORS must be a dict"),
        ("def build", "def make", "it has no function build"),
    ],
)
def test_one_breach_is_the_only_one_named(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(ModelFileError, match=words) as caught:
        read_model(written(tmp_path, GOOD.replace(old, new)))
    assert str(caught.value).removesuffix("; the docstring is the statement").count(";") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 +", "own.py cannot be loaded: SyntaxError: "),
        ("import nowhere_at_all", "own.py cannot be loaded: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("1 / 0", "own.py cannot be loaded: ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_cannot_be_imported_says_why(tmp_path, text, words):
    with pytest.raises(ModelFileError) as caught:
        read_model(written(tmp_path, text))
    assert str(caught.value).startswith(words)


def test_a_file_that_is_not_python_is_refused(tmp_path):
    with pytest.raises(ModelFileError, match=r"own\.txt is not a Python file; a model file ends in \.py"):
        read_model(written(tmp_path, name="own.txt"))


def test_a_studys_priors_take_the_place_of_the_files(tmp_path):
    found = read_model(written(tmp_path))
    assert found.with_priors({"s": 0.25, "other": 1.0}) == {"mu": (0.0, 1.5), "s": 0.25}
    assert found.with_priors({}) == dict(found.priors) == {"mu": (0.0, 1.5), "s": 0.5}


def test_priors_of_a_file_cannot_be_changed(tmp_path):
    with pytest.raises(TypeError, match="does not support item assignment"):
        read_model(written(tmp_path)).priors["s"] = 1.0


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"tau": 1.0}, "small.toml: model 'own' has no prior 'tau'; it has: mu, s"),
        ({"mu": 1.0}, "small.toml: prior 'mu' of model 'own' takes a list of 2, not one number"),
        ({"mu": (1.0, 2.0, 3.0)}, "small.toml: prior 'mu' of model 'own' takes a list of 2, not a list of 3"),
        ({"s": (1.0,)}, "small.toml: prior 's' of model 'own' takes one number, not a list of 1"),
    ],
)
def test_priors_that_do_not_fit_are_refused(tmp_path, overrides, words):
    with pytest.raises(ModelFileError) as caught:
        read_model(written(tmp_path)).check_priors(overrides, where="small.toml")
    assert str(caught.value) == words


def test_priors_that_fit_are_accepted(tmp_path):
    assert read_model(written(tmp_path)).check_priors({"mu": (1.0, 2.0), "s": 1}, where="small.toml") is None
