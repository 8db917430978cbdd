"""HTML as a value, and the templates that make it. Every value that goes into a template is escaped by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Html:
    """A fragment of a page. Notebooks show it as it is; templates do not escape it again."""

    text: str

    def _repr_html_(self) -> str:
        return self.text

    def __html__(self) -> str:
        """The fragment itself, for templates."""
        return self.text


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def fragment(template: str, **values: object) -> Html:
    """The template of that name, filled. Text is escaped; `Html` and Markup stay as they are."""
    return Html(_environment().get_template(f"{template}.html.j2").render(**values))


def markup(text: str, **values: object) -> Markup:
    """Markup with every `{name}` in it replaced by an escaped value."""
    return Markup(text).format(**values)  # noqa: S704 - the text is a literal of ours, its values are escaped


def style_sheet() -> str:
    """The style sheet of every page."""
    return (TEMPLATES / "style.css").read_text(encoding="utf-8")


def figure_block(drawing: Any, *, heading: str, anchor: str, caption: str = "", source: str = "") -> Html:
    """A drawing under its heading, with its caption; None where the fit does not hold what it needs.

    `drawing` has `wide` and `narrow` SVG texts, `alt`, which is the caption unless another is given, and `source`: of
    whom, when and whose the figures are. The caption ends with it, or with the `source` given instead.
    """
    shown = None if drawing is None else _svgs(drawing)
    said = (caption or getattr(drawing, "alt", ""), source or getattr(drawing, "source", ""))
    words = " ".join(text for text in said if text)
    return fragment("figure", drawing=shown, heading=heading, caption=words, anchor=anchor)


def _svgs(drawing: Any) -> Mapping[str, Markup]:
    return {name: Markup(getattr(drawing, name)) for name in ("wide", "narrow")}  # noqa: S704 - made by figures.svg
