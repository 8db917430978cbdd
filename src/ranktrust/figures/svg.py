"""Figures as SVG text: text stays text, colours follow the page, and the same figure gives the same bytes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK: Final = "#17212b"
SOFT: Final = "#4d5a67"
RULE: Final = "#d5dce3"
UPPER_COLOUR: Final = "#0b5c8f"
LOWER_COLOUR: Final = "#94490a"
MIDDLE_COLOUR: Final = "#5b6672"
ABOVE_COLOUR: Final = "#7a2e78"
BELOW_COLOUR: Final = "#0c655c"
ZONE: Final = "#dfe5ea"
PAPER: Final = "#fefefe"
SET_COLOUR: Final = "#a9b6c2"
TONE_COLOURS: Final = (
    "#00224e", "#053371", "#32436d", "#4b546c", "#62656f", "#777776", "#8d8878", "#a59c74", "#beaf6b",
)  # fmt: skip
"""The ordered palette of bands, from the first to the last: steps of cividis, which fall in grey as in colour."""
SEGMENT_COLOURS: Final = ("#d6e6f2", "#76acd1", "#1a5f94", "#0a3358")
"""Four steps of one hue, from the first segment to the last, told apart in grey as in colour."""
_VARIABLES: Final = {
    INK: "ink", SOFT: "soft", RULE: "rule", UPPER_COLOUR: "upper", LOWER_COLOUR: "lower",
    MIDDLE_COLOUR: "middle", ABOVE_COLOUR: "above", BELOW_COLOUR: "below", ZONE: "zone", PAPER: "paper",
    SET_COLOUR: "set",
    **{colour: f"t{step}" for step, colour in enumerate(TONE_COLOURS)},
    **{colour: f"s{step}" for step, colour in zip((1, 3, 5, 6), SEGMENT_COLOURS, strict=True)},
}  # fmt: skip
_STYLE: Final[dict[Any, Any]] = {
    "svg.fonttype": "none", "font.size": 11, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": SOFT, "axes.labelcolor": INK, "text.color": INK, "xtick.color": SOFT, "ytick.color": SOFT,
    "axes.titlesize": 11, "legend.frameon": False, "axes.facecolor": "none", "figure.facecolor": "none",
}  # fmt: skip
_FONT: Final = "system-ui, 'Segoe UI', 'Liberation Sans', sans-serif"

Size = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """One picture, drawn for a wide and for a narrow page, with its description in words.

    `source` says of whom, when and whose the figures are; a caption ends with it.
    """

    wide: str
    narrow: str
    alt: str
    source: str = ""

    def _repr_html_(self) -> str:
        return self.wide


def drawing(  # noqa: PLR0913 - two forms, each with its size, and the words beside them
    name: str,
    alt: str,
    *,
    wide: Callable[[Axes], None],
    narrow: Callable[[Axes], None],
    sizes: tuple[Size, Size],
    source: str = "",
) -> Drawing:
    """Draw both forms. `wide` and `narrow` fill an Axes; `sizes` are theirs in inches; `name` makes the ids unique."""
    texts = [
        _drawn(f"{name}-{form}", alt, fill, size)
        for form, fill, size in zip(("wide", "narrow"), (wide, narrow), sizes, strict=True)
    ]
    return Drawing(texts[0], texts[1], alt, source)


def _drawn(name: str, alt: str, fill: Callable[[Axes], None], size: Size) -> str:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        fill(figure.add_subplot())
        return svg_text(figure, name=name, alt=alt)


def save_png(path: Path, fill: Callable[[Axes], None], *, size: Size, dpi: int = 100) -> None:
    """Draw on white and save as PNG, for places that show no inline SVG. The same picture gives the same bytes."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        fill(figure.add_subplot())
        figure.savefig(path, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})


def svg_text(figure: Figure, *, name: str, alt: str) -> str:
    """The figure as an inline SVG with role and description, without date, its ids beginning with `name`."""
    buffer = StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg")
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(\bid="|xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    text = re.sub(
        r'<svg[^>]*?(viewBox="[^"]*")[^>]*>',
        rf'<svg xmlns="http://www.w3.org/2000/svg" '
        rf'xmlns:xlink="http://www.w3.org/1999/xlink" \1 role="img" aria-label="{_quoted(alt)}">',
        text,
        count=1,
    )
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var(--{variable}, {colour})")
    return text.replace("'DejaVu Sans'", _FONT)


def _quoted(text: str) -> str:
    return escape(text).replace("\\", "\\\\")
