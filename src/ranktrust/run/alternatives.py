"""The alternative priors that a study declares: checked against its statements, and as choices to refit."""

from collections.abc import Iterator, Mapping

from ranktrust.evidence import Choice
from ranktrust.model import ModelFile, PriorNumbers
from ranktrust.study import AlternativePriors, SensitivityOptions, Study


def check_alternatives(study: Study, indicator: str, model_file: ModelFile) -> None:
    """Raise ModelFileError where alternative priors do not fit the statement of an indicator.

    Alternatives that name the indicator must have their priors in its statement. Those for all indicators are left out
    where a statement lacks one, and its page says so.
    """
    options = study.sensitivity
    for name, alternative in (options.priors if options else {}).items():
        if alternative.indicators and indicator not in alternative.indicators:
            continue
        if not alternative.indicators and _lacking(alternative, model_file):
            continue
        where = f"{study.path.name}, sensitivity.priors.{name}"
        forms = dict.fromkeys(alternative.times, 1.0)
        model_file.check_priors({**forms, **alternative.set}, where=where)


def alternative_choices(
    options: SensitivityOptions, indicator: str, model_file: ModelFile, published: Mapping[str, PriorNumbers]
) -> Iterator[tuple[Choice, dict[str, PriorNumbers] | str]]:
    """Each declared alternative with the priors of its refit, or why there are none.

    `published` are the prior numbers that the study gives the statement; a prior not among them is the file's own.
    """
    numbers = model_file.with_priors(published)
    for name, alternative in options.priors.items():
        if alternative.indicators and indicator not in alternative.indicators:
            continue
        lacking = _lacking(alternative, model_file)
        given = {} if lacking else _numbers(alternative, numbers)
        pairs = ((prior, _text(value), _text(numbers[prior])) for prior, value in given.items())
        said = "; ".join(f"{prior} {new} in place of {old}" for prior, new, old in pairs)
        change = f"other prior numbers{': ' if said else ''}{said}"
        label = alternative.label or name.replace("_", " ").capitalize()
        choice = Choice(f"prior_{name}", "prior", label, change, alternative.reason)
        yield choice, f"the statement has no prior {', '.join(lacking)}" if lacking else {**published, **given}


def _lacking(alternative: AlternativePriors, model_file: ModelFile) -> list[str]:
    return [prior for prior in alternative.names if prior not in model_file.priors]


def _numbers(alternative: AlternativePriors, numbers: Mapping[str, PriorNumbers]) -> dict[str, PriorNumbers]:
    """The numbers that change. Only a prior of one number is multiplied: `check_alternatives` refuses others."""
    single = {prior: numbers[prior] for prior in alternative.times}
    factors = alternative.times
    multiplied = {prior: each * factors[prior] for prior, each in single.items() if not isinstance(each, tuple)}
    return {**alternative.set, **multiplied}


def _text(numbers: PriorNumbers) -> str:
    """A number, or several in brackets, to four digits."""
    return f"({', '.join(f'{each:.4g}' for each in numbers)})" if isinstance(numbers, tuple) else f"{numbers:.4g}"
