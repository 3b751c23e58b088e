"""One source per message: a template in a small subset of HTML, from which come the text, the mail's HTML, the preview.

Values are escaped by Django's templates, and only the tags named here pass: what a person typed is never markup.
Mail programs read inline styles only, so the styles are put in here; the page's preview has none (strict CSP).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

SECRET_MARK = "https://lien-personnel.invalid/"  # stands for the personal link in what is kept and shown
FONT = "font-family:Marianne,Arial,sans-serif"
INK, QUIET, BLUE = "#161616", "#666666", "#000091"
STYLES: Mapping[str, str] = {
    "h1": f"margin:0 0 16px;font-size:22px;line-height:28px;color:{INK}",
    "h2": f"margin:24px 0 8px;font-size:18px;line-height:24px;color:{INK}",
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding-left:24px",
    "li": "margin:0 0 4px",
    "a": f"color:{BLUE}",
    "strong": "font-weight:bold",
    "hr": "margin:24px 0 16px;border:0;border-top:1px solid #dddddd",
    "br": "",
    "small": f"font-size:13px;line-height:20px;color:{QUIET}",
}
NO_OTHER_NAMES: Mapping[str, str] = {}
UNDER_A_PAGE: Mapping[str, str] = {"h1": "h3", "h2": "h4"}  # a page has its own titles
APART = ("h1", "h2", "p", "ul", "hr")  # in the text, an empty line before and after
SPACE = re.compile(r"[ \t\r\n]+")  # a no-break space stays


class MarkupRefused(Exception):
    """The template uses what a mail may not hold: a fault of ours, seen by tests."""


def render(template: str, context: Mapping[str, object]) -> tuple[str, str]:
    """The subject, which the template writes as `<title>`, and the body in plain markup."""
    head, found, body = render_to_string(template, dict(context)).partition("</title>")
    if not found:
        raise MarkupRefused(f"{template} has no <title>")
    return SPACE.sub(" ", unescape(head.partition("<title>")[2])).strip(), _Writer.run(body, {})


def to_text(body: str) -> str:
    """The body as plain text; a link is followed by its address."""
    return _TextWriter.run(body)


def to_mail(body: str, subject: str) -> str:
    """The whole document that mail programs show."""
    return (
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>'
        f'<body style="margin:0;padding:16px 0;background:#f6f6f6"><div style="max-width:600px;margin:0 auto;'
        f"padding:24px 32px;background:#ffffff;border-top:4px solid {BLUE};{FONT};font-size:16px;line-height:24px;"
        f'color:{INK}">{_Writer.run(body, STYLES)}</div></body></html>'
    )


def to_preview(body: str) -> SafeString:
    """The body for a page of ours: read again, tag by tag, whatever is stored."""
    return mark_safe(_Writer.run(body, {}, names=UNDER_A_PAGE))


class _Writer(HTMLParser):
    """Writes again only the tags of `STYLES`, with a style and, for links, an http(s) address."""

    def __init__(self, styles: Mapping[str, str], names: Mapping[str, str]) -> None:
        super().__init__()
        self.styles, self.names = styles, names
        self.written: list[str] = []

    @classmethod
    def run(cls, body: str, styles: Mapping[str, str], names: Mapping[str, str] = NO_OTHER_NAMES) -> str:
        writer = cls(styles, names)
        writer.feed(body)
        writer.close()
        return "".join(writer.written).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in STYLES:
            raise MarkupRefused(f"<{tag}> is not for a mail")
        attributes = {"href": _web_address(dict(attrs).get("href") or "")} if tag == "a" else {}
        if style := self.styles.get(tag):
            attributes["style"] = style
        self.written.append(f"<{self.names.get(tag, tag)}{flatatt(attributes)}>")

    def handle_endtag(self, tag: str) -> None:
        self.written.append(f"</{self.names.get(tag, tag)}>")

    def handle_data(self, data: str) -> None:
        self.written.append(escape(SPACE.sub(" ", data), quote=False))


class _TextWriter(HTMLParser):
    """Paragraphs apart by an empty line, list items after a dash."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.href = ""
        self.link_starts_at = 0

    @classmethod
    def run(cls, body: str) -> str:
        writer = cls()
        writer.feed(body)
        writer.close()
        return writer.text.strip() + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in APART:
            self._break_line("\n\n")
        elif tag in ("li", "br"):
            self._break_line("\n")
        if tag == "li":
            self.text += "- "
        elif tag == "hr":
            self.text += "--"
        elif tag == "a":
            self.href, self.link_starts_at = dict(attrs).get("href") or "", len(self.text)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.text[self.link_starts_at :].strip() != self.href:
            self.text += f" : {self.href}"
        if tag in APART:
            self._break_line("\n\n")

    def _break_line(self, breaks: str) -> None:
        """End the line, once, however many tags ask for it."""
        line = self.text.rstrip(" \n")
        already = len(self.text.rstrip(" ")) - len(line)
        self.text = line + "\n" * max(already, len(breaks)) if line else ""

    def handle_data(self, data: str) -> None:
        words = SPACE.sub(" ", data)
        self.text += words.lstrip(" ") if not self.text or self.text[-1] in " \n" else words


def _web_address(href: str) -> str:
    if urlsplit(href).scheme not in ("http", "https"):
        raise MarkupRefused(f"{href!r} is not a web address")
    return href
