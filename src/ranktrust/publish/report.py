"""The main report as one tagged PDF (PDF/UA-1): the pages' own content, printed by WeasyPrint where it is installed."""

import re
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup, escape

from ranktrust.errors import RunError, UsageError
from ranktrust.files import write_whole
from ranktrust.publish.html import fragment, style_sheet

REPORT: Final = "report.pdf"
VARIANT: Final = "pdf/ua-1"
_MAIN: Final = re.compile(r"<main\b[^>]*>(.*)</main>", re.DOTALL)
_SCRIPT: Final = re.compile(r"<script\b.*?</script>", re.DOTALL)
_FOLDED: Final = re.compile(
    r"<details\b[^>]*>\s*<summary>((?:(?!<summary>).)*?)</summary>(?:(?!<details\b).)*?</details>", re.DOTALL
)
_NARROW: Final = re.compile(r'<div class="narrow-only">.*?</svg>\s*</div>', re.DOTALL)
_LINK: Final = re.compile(r"</?a\b[^>]*>")
_IDS: Final = re.compile(r'(\s(?:id|aria-labelledby|aria-describedby)=")([^"]+)"|(url\(#|xlink:href="#)')
_PICTURE: Final = re.compile(r"<svg\b[^>]*>.*?</svg>", re.DOTALL)
_LABEL: Final = re.compile(r'aria-label="([^"]*)"')
_VARIABLE: Final = re.compile(r"var\(--[\w-]+, ?([^)]+)\)")
_LISTS: Final = ((re.compile(r'<dl class="facts">'), '<ul class="facts">'), (re.compile(r"</dl>"), "</ul>"),
                 (re.compile(r"<div><dt>"), "<li><strong>"), (re.compile(r"</dt><dd\b[^>]*>"), ":</strong> "),
                 (re.compile(r"</dd></div>"), "</li>"))  # fmt: skip
"""A list of terms as a plain list: printed as one, its items would stand outside a list."""
_SAMPLE: Final = "Sample:"
"""The words of a picture that only repeats a shade or a mark beside its name in a legend."""
_STROKES: Final = {"line": ("soft", 1.0), "mark": ("span", 1.5), "path-own": ("span", 1.6),
                   "path-set": ("soft", 1.2)}  # fmt: skip
_FILLS: Final = {"path-band": "s3", "neither": "zone"}


def report_html(pages: Sequence[Path], title: str) -> str:
    """The content of these pages, one after the other, as one page to print.

    What is folded is left out but for its summary, and links but for their words: neither works on paper. Pictures
    carry their colours and their descriptions in themselves.
    """
    colours = _colours(style_sheet())
    parts = [_content(page.read_text(encoding="utf-8"), f"p{place}", colours) for place, page in enumerate(pages)]
    return fragment("report", title=title, css=Markup(style_sheet()), parts=parts).text  # noqa: S704 - our own file


def _colours(css: str) -> dict[str, str]:
    """The colours of the light page, by the name of their variable."""
    return dict(re.findall(r"--([\w-]+): ?(#[0-9a-f]+)", css.partition("@media")[0]))


def _content(text: str, mark: str, colours: dict[str, str]) -> Markup:
    found = _MAIN.search(text)
    if found is None:
        raise RunError("a page without content cannot be printed")
    kept = _NARROW.sub("", _SCRIPT.sub("", found[1]))
    while _FOLDED.search(kept):
        kept = _FOLDED.sub(r'<span class="folded">\1</span>', kept)
    kept = _PICTURE.sub(lambda picture: _painted(picture[0], colours), _LINK.sub("", kept))
    for pattern, plain in _LISTS:
        kept = pattern.sub(plain, kept)
    return Markup(_IDS.sub(lambda at: _marked(at, mark), kept))  # noqa: S704 - the pages are our own


def _marked(at: re.Match[str], mark: str) -> str:
    """An id, or a reference to one, made this page's own."""
    if at[3]:
        return f"{at[3]}{mark}-"
    return f'{at[1]}{" ".join(f"{mark}-{name}" for name in at[2].split())}"'


def _painted(picture: str, colours: dict[str, str]) -> str:
    """A picture with its label as its title and with each class's colour on the shape itself."""
    label = _LABEL.search(picture.partition(">")[0])
    plain = _VARIABLE.sub(r"\1", picture)
    plain = re.sub(r'(<(?:path|rect|circle)\b[^>]*?)class="([^"]+)"', lambda at: at[1] + _paint(at[2], colours), plain)
    head, rest = plain.split(">", 1)
    return f"{head}><title>{escape(unescape(label[1]) if label else _SAMPLE)}</title>{rest}"


def _paint(names: str, colours: dict[str, str]) -> str:
    """The colour of a shape of these classes as its own attributes."""
    if names == "tick":
        return 'fill="none"'
    name = next((one for one in reversed(names.split()) if one != "tone"), "t4")
    if name in _STROKES:
        colour, width = _STROKES[name]
        return f'fill="none" stroke="{colours[colour]}" stroke-width="{width}"'
    return f'fill="{colours.get(_FILLS.get(name, name), colours["soft"])}"'


def write_report(pages: Sequence[Path], path: Path, *, title: str) -> Path:
    """Print the content of these pages as one tagged PDF, whole or not at all; nothing is fetched for it.

    Raises UsageError where WeasyPrint, or what it needs of the system, is not installed.
    """
    weasyprint, text = printer(), report_html(pages, title)
    document = weasyprint.HTML(string=text, url_fetcher=_refused)
    return write_whole(path, lambda part: document.write_pdf(part, pdf_variant=VARIANT, finisher=say_scopes))


def say_scopes(_document: Any, pdf: Any) -> None:
    """Say of every heading cell whether it heads a row or a column, which WeasyPrint does not."""
    tagged = {one.reference: one for one in pdf.objects if _is_tagged(one)}
    for cell in tagged.values():
        if cell["S"] == "/TH":
            part = tagged[tagged[cell["P"]]["P"]]
            cell["A"]["Scope"] = "/Column" if part["S"] == "/THead" else "/Row"


def _is_tagged(part: Any) -> bool:
    return isinstance(part, dict) and part.get("Type") == "/StructElem"


def printer() -> Any:
    """WeasyPrint. Raises UsageError, with what to do, where it cannot be loaded."""
    try:
        import weasyprint  # noqa: PLC0415 - an extra, loaded only where a PDF is asked for
    except (ImportError, OSError) as error:
        raise UsageError(
            f"a PDF needs WeasyPrint, and it cannot be loaded ({error}): pip install 'ranktrust[pdf]', and Pango from "
            "the system (Debian: libpangoft2-1.0-0); or publish without --pdf"
        ) from error
    return weasyprint


def _refused(url: str, *_given: object, **_more: object) -> Any:
    """Fetch nothing: a page needs nothing but itself. Raises ValueError, which WeasyPrint notes and goes on."""
    raise ValueError(f"{url[:60]} is not fetched")
