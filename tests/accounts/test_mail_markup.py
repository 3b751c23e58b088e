"""From one template: subject, text, HTML and preview, in which nothing typed by a person is markup."""

import pytest

from accounts import mail_markup
from accounts.mail_markup import MarkupRefused, to_mail, to_preview, to_text

BODY = """
<h1>Bonjour</h1>
<p>Votre   établissement
passe en <strong>V10</strong>.</p>
<ul> <li>Collège</li> <li>Lycée</li> </ul>
<p><a href="https://opale.ac-exemple.fr/a/?b=1&amp;c=2">Répondre</a></p>
<hr>
<p><small>Fin<br>de page</small></p>
"""
TEXT = """Bonjour

Votre établissement passe en V10.

- Collège
- Lycée

Répondre : https://opale.ac-exemple.fr/a/?b=1&c=2

--

Fin
de page
"""


def test_text_is_derived_from_the_markup() -> None:
    assert to_text(BODY) == TEXT


def test_link_that_is_its_own_words_is_written_once() -> None:
    assert to_text('<p>Voir <a href="https://a.fr/">https://a.fr/</a></p>') == "Voir https://a.fr/\n"


def test_mail_has_inline_styles_and_the_preview_none() -> None:
    assert 'href="https://opale.ac-exemple.fr/a/?b=1&amp;c=2" style="color:#000091"' in to_mail(BODY, "Objet")
    assert "style" not in to_preview(BODY)
    assert "<strong>V10</strong>" in to_preview(BODY)


def test_subject_is_text_in_the_document() -> None:
    assert "<title>A &lt;b&gt;</title>" in to_mail("<p>x</p>", "A <b>")


def test_no_break_space_is_kept() -> None:
    assert to_text("<p>50\u00a0%</p>") == "50\u00a0%\n"


def test_what_a_person_typed_is_never_markup() -> None:
    hostile = '</p><script>x</script><a href="https://evil.example/">Cliquez</a>\r\nBcc: x@y.fr'
    subject, body = mail_markup.render(
        "accounts/emails/trial.html", {"person": hostile, "mails_url": "https://a.fr/", "site": "https://a.fr"}
    )
    assert subject == "Message d’essai d’Op@le Pilot"
    assert "&lt;script&gt;" in body and "<script>" not in body
    assert "<script>" in to_text(body)
    assert to_text(body).count("\nBcc") == 0
    assert '<a href="https://evil' not in to_mail(body, subject)


@pytest.mark.parametrize(
    "body", ["<script>alert(1)</script>", "<img src=x>", '<a href="javascript:alert(1)">x</a>', "<a>x</a>"]
)
def test_markup_not_made_for_mails_is_refused(body: str) -> None:
    for write in (to_preview, lambda text: to_mail(text, "x")):
        with pytest.raises(MarkupRefused):
            write(body)


def test_attributes_but_the_address_are_dropped() -> None:
    assert to_preview('<p onclick="x" class="y">a</p>') == "<p>a</p>"


def test_template_without_subject_is_refused() -> None:
    with pytest.raises(MarkupRefused):
        mail_markup.render("components/empty_state.html", {"title": "x", "advice": "", "link": ""})
