"""The embedded broker: kombu's folder of messages, where each message appears whole.

kombu 5.7 opens the file of a message under its final name, then writes it: a worker that looks in between reads an
empty message and dies of it (seen: `JSONDecodeError`). Here it is written aside, then named, in one step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils import json

encoded: Callable[[Any], str] = json.dumps  # which knows dates and identifiers


class Channel(filesystem.Channel):
    """Writes as kombu reads: `<instant>_<uuid>.<queue>.msg`, in the order of the names."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # as kombu's own does
        folder, name = Path(self.data_folder_out), f"{round(monotonic() * 1000)}_{uuid4()}"
        draft = folder / f"{name}.part"
        try:
            draft.write_text(encoded(payload), encoding="utf-8")
            draft.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    """What `filesystem://` means here (opale_pilot/celery.py)."""

    Channel = Channel
