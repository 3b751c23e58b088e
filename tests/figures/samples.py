"""Figures and a deck with the numbers of the COSUI of 8 October 2024, made by hand without other rooms."""

from datetime import date
from random import Random
from typing import Any

from figures.breakdowns import Breakdown, Part, Share
from figures.deck import Block, Deck, Slide
from figures.kinds import (
    Count,
    CrossTable,
    Exclusion,
    Figure,
    Paragraph,
    Place,
    PointMap,
    Population,
    Rate,
    Row,
    Series,
    Statement,
    Vocabulary,
)

ON = date(2024, 10, 1)
WAVES = ("V8", "V9", "V10", "V11", "V12")
POPULATION = Population("Établissements en V8 à V12 au 01/10/2024", 151, (Exclusion("dans d’autres vagues", 207),))
WORDS = Vocabulary(columns="waves", row="kind", note="greta", note_text="dont {count} GRETA", row_heading="Type")
COLUMNS = tuple((wave, wave) for wave in WAVES)


def shared(name: str, title: str, **fields: Any) -> dict[str, Any]:
    values = {
        "name": name,
        "title": title,
        "academy": "grenoble",
        "on": ON,
        "population": POPULATION,
        "source": "Registre des mouvements de vague",
    }
    return values | fields


def cells(*values: int) -> dict[str, int]:
    return dict(zip(WAVES, values, strict=False))


def volumetry(**fields: Any) -> CrossTable:
    lines = (
        Row("college", "Collèges", cells(51, 11, 29, 3, 7)),
        Row("lycee", "Lycées", cells(20, 1, 16, 1, 11), {"V8": 1, "V12": 3}),
        Row("erea", "EREA", cells(0, 0, 0, 1, 0)),
    )
    rows = {"college/V8": tuple(f"{n:07d}A" for n in range(51)), "total/total": ("0380001A",)}
    values = {"columns": COLUMNS, "lines": lines, "words": WORDS, "rows": rows} | fields
    return CrossTable(**shared("volumetry", "Volumétrie V8 à V12", **values))


def initial_volumetry() -> CrossTable:
    lines = (
        Row("college", "Collèges", cells(72, 29)),
        Row("lycee", "Lycées", cells(42, 7)),
        Row("erea", "EREA", cells(0, 1)),
    )
    return CrossTable(
        **shared("volumetry", "Volumétrie initiale", on=date(2024, 6, 28)),
        columns=COLUMNS[:2],
        lines=lines,
        words=WORDS,
    )


def change() -> CrossTable:
    lines = (
        Row("initial", "Volumétrie initiale", cells(114, 37, 0, 0, 0)),
        Row("current", "Au 01/10/2024", cells(71, 12, 45, 5, 18)),
    )
    return CrossTable(
        **shared("volumetry_change", "Nombre d’établissements par vague"),
        columns=COLUMNS,
        lines=lines,
        lines_add_up=False,
    )


def difference() -> CrossTable:
    line = Row("difference", "Écart", cells(-43, -25, 45, 5, 18))
    return CrossTable(
        **shared("volumetry_difference", "Écart à la volumétrie initiale"), columns=COLUMNS, lines=(line,), signed=True
    )


def profiles() -> CrossTable:
    names = {"bursary": "Personnels d’intendance", "sg": "Secrétaires généraux", "head": "Ordonnateurs", "vt": "DDFPT"}
    line = Row("need", "Besoins", {"bursary": 96, "sg": 68, "head": 59, "vt": 2})
    return CrossTable(
        **shared("training_needs", "Besoins en sphère ordonnateur, par profil"),
        columns=tuple(names.items()),
        lines=(line,),
    )


def needs() -> Breakdown:
    """Establishments asked, then persons by function, one of which the JSON does not promise."""
    functions = {"head": 59, "secretary_general": 68, "bursary_staff": 96, "vocational_training_director": 2}
    labels = ("Ordonnateurs", "Secrétaires généraux", "Personnels d’intendance", "DDFPT")
    parts = (
        Part("asked", "Établissements sollicités", 73),
        Part("answered", "Établissements ayant répondu", 72, note="dont 2 après la clôture"),
        Part("ordering/total", "Sphère ordonnateur", 225, unit="person"),
        *(
            Part(f"ordering/{key}", label, value, unit="person")
            for (key, value), label in zip(functions.items(), labels, strict=True)
        ),
        Part("ordering/other", "Autres fonctions", 0, unit="person", is_told=False),
        Part("accounting/total", "Sphère comptable", 8, unit="person"),
    )
    return Breakdown(
        **shared(
            "training_needs", "Besoins de formation", rows={"asked": ("0380001A",), "ordering/head": ("0380001A/1.0",)}
        ),
        parts=parts,
        shares=(Share("rate", "Taux de réponse", "answered", "asked"),),
        drawn=tuple(f"ordering/{key}" for key in functions),
        drawn_title="Besoins en sphère ordonnateur, par fonction",
    )


def tickets() -> CrossTable:
    causes = {"access": "Habilitations (accès)", "incident": "Incident technique", "question": "Question métier"}
    lines = tuple(
        Row(key, label, {"V4": 22 - 3 * i, "V5": 31 - 5 * i, "V6": 38 + i, "V7": 64 - 9 * i})
        for i, (key, label) in enumerate({**causes, "change": "Demande d’évolution"}.items())
    )
    return CrossTable(
        **shared("tickets", "Demandes d’assistance par vague et par motif"),
        columns=tuple((wave, wave) for wave in ("V4", "V5", "V6", "V7")),
        lines=lines,
    )


def sizes() -> Series:
    points = ("28/06/2024", "05/07/2024", "02/09/2024", "16/09/2024", "01/10/2024")
    values = {
        "V8": (114, 110, 98, 80, 71),
        "V9": (37, 37, 30, 20, 12),
        "V10": (0, 4, 20, 40, 45),
        "V11": (0, 0, 0, 4, 5),
        "V12": (0, 0, 3, 7, 18),
    }
    return Series(
        **shared("wave_sizes", "Taille des vagues au fil des décisions"),
        points=points,
        values=values,
        labels={wave: wave for wave in WAVES},
        point_heading="À compter du",
        rows={"V8/28/06/2024": ("0380001A",)},
    )


def wave_map(outlines: tuple[str, ...] = ("07", "26", "38", "73", "74"), *, places: int = 151) -> PointMap:
    chance = Random(0)
    centres = ((830_000, 6_400_000), (915_000, 6_455_000), (965_000, 6_510_000), (850_000, 6_430_000))
    made = []
    for index in range(places):
        x, y = chance.choice(centres)
        wave = chance.choice(WAVES)
        made.append(Place(f"{index:07d}A", "Collège", wave, chance.gauss(x, 14_000), chance.gauss(y, 16_000)))
    rows = {wave: tuple(place.key for place in made if place.group == wave) for wave in WAVES}
    return PointMap(
        **shared("wave_map", "Carte des vagues", rows=rows),
        groups=COLUMNS,
        places=tuple(made),
        outlines=outlines,
        unlocated=2,
    )


def answers(part: int = 72, whole: int = 73) -> Rate:
    population = Population("Établissements V8, et V7 dont un poste est vacant ou l’ordonnateur a changé", whole)
    return Rate(
        **shared("answers", "Réponses à l’enquête formation", population=population, on=date(2024, 10, 3)),
        part=part,
        whole=whole,
        part_label="établissements ont répondu",
        rows={"part": ("0380001A",), "whole": ("0380001A",)},
    )


def number(value: int = 225, title: str = "personnels à former en sphère ordonnateur") -> Count:
    return Count(**shared("training_need", title), value=value, rows={"total": ("a@b.fr",)})


def statement(*texts: str, title: str = "Texte") -> Statement:
    """« # » opens a small title, « - » a bullet, « -- » a bullet under it."""
    return Statement(
        **shared("statement", title, source="Service académique"), paragraphs=tuple(map(_paragraph, texts))
    )


def _paragraph(text: str) -> Paragraph:
    mark, _, rest = text.partition(" ")
    levels = {"-": 1, "--": 2}
    if mark == "#":
        return Paragraph(rest, heading=True)
    return Paragraph(rest, level=levels[mark]) if mark in levels else Paragraph(text)


LONG = (
    "Comme pour les vagues précédentes, la DSI va ouvrir un formulaire Colibris dont le lien sera envoyé aux chefs "
    "d’établissement sous Op@le et en copie aux secrétaires généraux d’établissement et aux agents comptables "
    "concernés mais également aux fondés de pouvoir (COSUI de juillet 2024)."
)


def every_figure() -> tuple[Figure, ...]:
    return (number(), answers(), volumetry(), difference(), sizes(), wave_map(), statement(LONG), needs())


SECTIONS = (
    "Volumétrie V8 à V12",
    "Retour tutorat 2024-2025",
    "Besoins de formation V8",
    "Intégration des budgets",
    "Relance de la campagne des clés OTP",
    "Suivi des demandes d’assistance",
    "Stratégie de remontée des demandes d’évolution",
    "Perspectives d’évolution de la formation",
    "Plateforme documentaire",
)
MINISTRY = ("Ministère", "de l’Éducation", "nationale", "et de la Jeunesse")


def deck(*slides: Slide, **fields: Any) -> Deck:
    values: dict[str, Any] = {
        "title": "COSUI Op@le",
        "subtitle": "Comité de suivi du déploiement",
        "on": date(2024, 10, 8),
        "ministry": MINISTRY,
        "author": "Service d’appui aux EPLE",
        "audience": "Document de travail à l’usage des membres du comité",
        "sections": SECTIONS,
        "slides": slides or cosui_slides(),
    }
    return Deck(**values | fields)


def slide(headline: str, *blocks: Block, **fields: Any) -> Slide:
    return Slide(key="slide", section=fields.pop("section", 1), headline=headline, blocks=blocks, **fields)


def cosui_slides() -> tuple[Slide, ...]:
    survey = "Source : enquête auprès des chefs d’établissement et agents comptables, situation au 1er octobre 2024."
    return (
        slide(
            "151 établissements, désormais répartis sur cinq vagues",
            Block(initial_volumetry(), "table", "Volumétrie initiale"),
            Block(volumetry(), "table", "Volumétrie au 1er octobre 2024"),
            layout="halves",
            remark="La vague V12 porte désormais 18 établissements, dont 3 GRETA ; le GRETA pilote reste en V8.",
            source=survey,
        ),
        slide(
            "68 établissements quittent V8 et V9, dont 45 vers V10",
            Block(change(), "bars"),
            Block(difference(), "differences"),
            Block(
                statement(
                    "- Enquête auprès des CE et AC",
                    "- Objectif : amoindrir la dernière vague, V12",
                    "- 1 GRETA pilote en V8 (Haute-Savoie) et les 3 autres en V12",
                    title="",
                ),
                "text",
            ),
            layout="wide_left",
        ),
        slide(
            "21 à 25 tutorats à mettre en place pour 59 établissements",
            Block(number(19, "tuteurs sphère ordonnateur à mobiliser"), "number"),
            Block(number(6, "tuteurs sphère comptable au plus : quatre agences attendent un recrutement"), "number"),
            Block(number(59, "établissements"), "number"),
            Block(statement("# Un besoin identifié en deux temps", "- Vague V7.", "- Vagues V1 à V6."), "text"),
            section=2,
            layout="stack",
        ),
        slide(
            "225 personnels à former en sphère ordonnateur",
            Block(needs(), "bars", needs().drawn_title),
            Block(answers(), "number"),
            Block(number(8, "personnels ont besoin d’une formation en sphère comptable"), "number"),
            section=3,
            layout="wide_left",
        ),
        slide(
            "Bascule V7 au 27 septembre : aucun ticket DSI en cours",
            Block(number(0, "ticket en cours au niveau de la DSI"), "number"),
            Block(number(2, "tickets ouverts au national"), "number"),
            Block(number(59, "établissements V7 concernés par la bascule"), "number"),
            section=4,
            layout="thirds",
        ),
        slide("Une seule campagne pour V1 à V8", Block(statement(LONG), "text"), section=5),
        slide(
            "L’accès est le premier motif",
            Block(tickets(), "bars"),
            Block(tickets(), "table"),
            section=6,
            layout="wide_left",
        ),
        slide(
            "Trois leviers pour mieux qualifier les tickets",
            Block(statement("# Anticiper les accès", LONG), "text"),
            Block(statement("# Identifier le motif", "- demande d’accès", "- incident technique"), "text"),
            Block(statement("# Guider la saisie", LONG[:120]), "text"),
            section=6,
            layout="thirds",
            remark="La mise en place du formulaire guidé est envisagée ; elle est soumise à l’avis du comité.",
        ),
        slide(
            "Du ticket à la remontée nationale",
            Block(
                statement(
                    "# Typer",
                    "La DSI type les tickets et isole les demandes d’évolution.",
                    "# Analyser",
                    "Les demandes sont analysées lors des EP@C mensuels.",
                    "# Discuter",
                    "Elles sont présentées et discutées en COSUI.",
                    "# Remonter",
                    "Les demandes retenues sont transmises au niveau national.",
                ),
                "steps",
            ),
            remark="Chaque étape laisse une trace : ticket d’origine, avis de l’EP@C, décision du COSUI.",
            section=7,
        ),
        slide(
            "De la préparation à la bascule à la formation des usagers",
            Block(
                statement(
                    "Passage d’une logique de préparation à la bascule à une logique de formation des usagers",
                    "- Réflexion sur la formation métier des secrétaires généraux",
                    "-- néo-secrétaires généraux",
                    "-- formation continue",
                    "- Mise en place d’un comité de pilotage et de suivi du catalogue des formations",
                ),
                "text",
            ),
            section=8,
        ),
        slide(
            "Deux supports identifiés pour une documentation à jour",
            Block(statement("# Besoins", "- Une plateforme accessible par MF²", "- Réactivité et traçabilité"), "text"),
            Block(statement("# Supports", "- TRIBU", "- RESANA"), "text"),
            section=9,
            layout="halves",
        ),
        slide("Les vagues au fil des décisions", Block(sizes(), "lines"), section=0),
        slide(
            "Les 151 établissements par vague de bascule",
            Block(wave_map(), "map"),
            Block(wave_map(), "table"),
            section=0,
            layout="wide_left",
        ),
    )
