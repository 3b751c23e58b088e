"""The establishment's side in a real browser: on a phone, by keyboard, without JavaScript, looked at by axe."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from deployment.choices import Function
from deployment.models import Academy
from surveys.choices import Purpose, QuestionKind
from surveys.models import Answer, AnswerVersion, Campaign, Invitation, Link, Question
from tests.factories import make_academy, make_wave, place
from tests.surveys.factories import make_campaign, make_staffed, tokens

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["RGAAv4", "wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def academy() -> Academy:
    return make_academy("grenoble", "Grenoble")


@pytest.fixture
def needs(academy: Academy) -> Campaign:
    return make_campaign(academy, establishments=[make_staffed(academy, name="Collège Stendhal", with_agency=False)])


def address_of(campaign: Campaign, function: Function = Function.HEAD) -> str:
    return next(f"/r/{token}/" for (_, asked), token in tokens(campaign).items() if asked == function)


def flaws(page: Page) -> list[str]:
    page.wait_for_selector(
        "html[data-fr-theme]", state="attached"
    )  # a predicate would be evaluated, against our policy
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{flaw['id']}: {node['target']}" for flaw in found for node in flaw["nodes"]]


def is_narrow(page: Page) -> bool:
    """Nothing sticks out of a phone."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_a_head_answers_on_a_phone(open_tab: Callable[..., Any], needs: Campaign) -> None:
    tab = open_tab(None, width=360)
    page = tab.page
    tab.open(address_of(needs))
    assert "/r/" not in page.url and is_narrow(page) and flaws(page) == []
    page.get_by_label("Oui, une ou plusieurs").check(force=True)
    page.get_by_role("button", name="Ajouter une personne").click()
    expect(page.locator("[data-row]")).to_have_count(3)
    page.locator("[data-row]").nth(2).get_by_label("Prénom et nom").fill("Zoé 🌊")
    expect(page.get_by_role("status")).to_contain_text("Brouillon enregistré à", timeout=10_000)
    page.get_by_role("button", name="Envoyer la réponse").dblclick()
    expect(page).to_have_title("Erreur : Recensement des besoins de formation, Collège Stendhal · Op@le Pilot")
    tab.complaints = [text for text in tab.complaints if "400" not in text]
    expect(page.get_by_role("alert")).to_be_focused()
    assert flaws(page) == []
    page.get_by_role("link", name="Personne 3, fonction").click()
    expect(page.locator("[data-row]").nth(2).get_by_label("Fonction")).to_be_focused()
    page.locator("[data-row]").nth(2).get_by_label("Fonction").select_option("bursary_staff")
    page.locator("[data-row]").nth(2).get_by_label("Sphère ordonnateur").check(force=True)
    page.locator("[data-row]").nth(1).get_by_role("button", name="Retirer cette personne").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("button", name="Envoyer la réponse").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Réponse envoyée")
    assert flaws(page) == [] and is_narrow(page)
    page.reload()
    page.get_by_role("link", name="Tout ce qui vous est demandé").click()
    expect(page.get_by_text("Tout est fait, merci.")).to_be_visible()
    assert flaws(page) == [] and is_narrow(page)
    version = AnswerVersion.objects.get()
    assert [line["name"] for line in version.content["people"]] == ["Dominique Chef", "Zoé 🌊"]
    assert Invitation.objects.filter(opened_at__isnull=False).count() == 1
    assert tab.complaints == []


def test_a_head_answers_without_javascript(browser: Browser, live_server: Any, needs: Campaign) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800}, locale="fr-FR")
    page = context.new_page()
    page.goto(live_server.url + address_of(needs))
    page.get_by_label("Oui, une ou plusieurs").check(force=True)
    page.get_by_role("button", name="Ajouter une personne").click()
    page.locator("[data-row]").nth(2).get_by_label("Prénom et nom").fill("Zoé")
    page.locator("[data-row]").nth(2).get_by_label("Prénom et nom").press("Enter")  # keeps, does not send nor remove
    expect(page.get_by_text("Brouillon enregistré le").first).to_be_visible()
    page.locator("[data-row]").nth(2).get_by_role("button", name="Retirer cette personne").click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Réponse envoyée")
    context.close()
    assert Answer.objects.get().number == 1


def reach(page: Page, label: str) -> None:
    """Press Tab until the label of what has the focus begins with these words."""
    focused = "(e => (e.labels && e.labels[0] || e).textContent.trim().split('\\n')[0])(document.activeElement)"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(focused).startswith(label):
            return
    raise AssertionError(f"« {label} » is out of reach of the keyboard")


def test_a_head_answers_by_keyboard_alone(open_tab: Callable[..., Any], needs: Campaign) -> None:
    tab = open_tab(None)
    page = tab.page
    tab.open(address_of(needs))
    reach(page, "Oui, une ou plusieurs")
    page.keyboard.press("ArrowDown")
    reach(page, "Commentaire")
    page.keyboard.type("Tous formés")
    reach(page, "Envoyer la réponse")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Réponse envoyée")
    assert AnswerVersion.objects.get().content == {"none": True, "people": [], "comment": "Tous formés"}
    assert tab.complaints == []


def test_two_tabs_meet(open_tab: Callable[..., Any], needs: Campaign) -> None:
    one, two = open_tab(None), open_tab(None, width=360)
    for tab in (one, two):
        tab.open(address_of(needs))
        tab.page.get_by_label("Non, aucun besoin").check(force=True)
    one.page.get_by_role("button", name="Envoyer la réponse").click()
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Réponse envoyée")
    one.page.go_back()  # the form again, as it is now
    expect(one.page.get_by_role("button", name="Envoyer la réponse modifiée")).to_be_visible()
    two.page.get_by_label("Commentaire").fill("De l’autre onglet")
    two.page.get_by_role("button", name="Envoyer la réponse").click()
    expect(two.page.get_by_role("alert")).to_contain_text("par Dominique Chef. La remplacer")
    assert flaws(two.page) == []
    two.page.get_by_role("button", name="Remplacer cette réponse par la mienne").click()
    expect(two.page.get_by_text("De l’autre onglet")).to_be_visible()
    assert AnswerVersion.objects.count() == 2


def every_page(academy: Academy) -> dict[str, Campaign]:
    """A campaign of each other purpose for one collège."""
    staffed = make_staffed(academy, name="Collège Stendhal", town="Grenoble")
    for code in ("V9", "V10"):
        make_wave(academy, code)
    place(staffed, "V9")
    questions = [
        Question(kind=kind, label=f"Question : {kind.label.lower()} ?", choices="Oui\nNon", is_required=False)
        for kind in QuestionKind
    ]
    asked: dict[str, Any] = {"establishments": [staffed], "asked": ["head", "accountant"]}
    return {
        "wish": make_campaign(academy, purpose=Purpose.WAVE_WISH, **asked),
        "tutors": make_campaign(academy, purpose=Purpose.TUTOR_VOLUNTEERS, **asked),
        "questionnaire": make_campaign(academy, purpose=Purpose.QUESTIONNAIRE, questions=questions, **asked),
    }


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_every_page_is_clean(open_tab: Callable[..., Any], academy: Academy, width: int, scheme: str) -> None:
    campaigns = every_page(academy)
    tab = open_tab(None, width=width, scheme=scheme)
    found = {}
    for campaign in campaigns.values():
        tab.open(address_of(campaign))
    paths = ["/reponse/"]
    for campaign in campaigns.values():
        row = Invitation.objects.get(entry__campaign=campaign, function=Function.HEAD)
        paths += [f"/reponse/{row.pk}/", f"/reponse/{row.pk}/confier/", f"/reponse/{row.pk}/pas-moi/"]
    for path in paths:
        tab.open(path)
        found[path] = flaws(tab.page)
        assert is_narrow(tab.page), path
    assert not any(found.values()), found
    assert tab.complaints == []
    Link.objects.all().delete()
    tab.open(paths[1])
    assert flaws(tab.page) == []
