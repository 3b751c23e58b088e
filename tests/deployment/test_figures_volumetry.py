"""What the demonstration does not show of the volumetry."""

from datetime import date

from deployment.figures.volumetry import wave_movements
from deployment.models import Academy
from tests.factories import make_establishment, make_wave, place


def test_waves_beyond_the_range_come_in_their_own_order(grenoble: Academy) -> None:
    for code in ("V2", "V8", "V10", "V12"):
        make_wave(grenoble, code)
    for code in ("V12", "V2", "V10"):
        mover = make_establishment(grenoble)
        place(mover, "V8", on=date(2024, 6, 28))
        place(mover, code, on=date(2024, 10, 1))
    grenoble.initial_volumetry_on = date(2024, 6, 28)
    table = wave_movements(grenoble, on=date(2024, 10, 1), from_wave="V8", to_wave="V8")
    assert [code for code, _ in table.columns] == ["V8", "V2", "V10", "V12"]
