"""The embedded broker: a message appears whole, and workers and site use this transport."""

from pathlib import Path
from typing import Any

import pytest
from kombu import Connection

from opale_pilot import folder_broker
from opale_pilot.celery import app


@pytest.fixture
def link(tmp_path: Path) -> Any:
    names = ("data_folder_in", "data_folder_out", "control_folder", "processed_folder")
    with Connection("filesystem://", transport_options=dict.fromkeys(names, str(tmp_path))) as connection:
        yield connection


def test_the_application_publishes_through_it(link: Any) -> None:
    assert app.main == "opale_pilot"
    assert type(link.transport) is folder_broker.Transport


def test_who_looks_while_it_is_written_sees_nothing(link: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    write = Path.write_text

    def look(path: Path, content: str, **options: Any) -> int:
        path.touch()  # opened, not written yet: where kombu's own leaves an empty message
        seen.append((len(list(tmp_path.glob("*.msg"))), len(list(tmp_path.glob("*.part")))))
        return write(path, content, **options)

    monkeypatch.setattr(Path, "write_text", look)
    with link.SimpleQueue("short") as queue:
        queue.put({"job": 1})
        assert seen == [(0, 1)]
        assert queue.get(timeout=5).payload == {"job": 1}
