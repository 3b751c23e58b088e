"""A SQLite database that is long to fill, filled by one process of a run and copied by the others."""

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One process at a time."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def share(fill: Callable[[], None], kept: Path, media: Path) -> None:
    """Fill the database and the folder of files, or copy what another process filled and kept."""
    database, files = kept.with_suffix(".sqlite3"), kept.with_suffix(".media")
    if not database.exists():
        fill()
        shutil.copytree(media, files)
        _copy(Path(connection.settings_dict["NAME"]), database)
    else:
        _copy(database, Path(connection.settings_dict["NAME"]))
        shutil.copytree(files, media, dirs_exist_ok=True)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
