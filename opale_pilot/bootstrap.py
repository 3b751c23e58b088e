"""Creates `.venv/` and installs what the lock file says, by `python3` alone. A second call costs nothing.

    python3 opale_pilot/bootstrap.py [requirements-dev.lock]

Only the standard library, and words that an old python3 still reads, so that it can say what is missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "installed")
OLDEST = (3, 11)
VERSION = ".".join(map(str, sys.version_info[:2]))
PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]


def main() -> None:
    lock = os.path.join(ROOT, sys.argv[1] if len(sys.argv) > 1 else "requirements-dev.lock")
    refuse_old_python()
    stamp = fingerprint(lock)
    if read(STAMP) == stamp:
        return
    start = time.time()
    create_environment()
    say(f"Installing the packages of {os.path.basename(lock)}…")
    install(lock)
    check_pango()
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(stamp)
    say(f"Installed in {time.time() - start:.0f} s.")


def refuse_old_python() -> None:
    """Go on under a newer Python of this machine, or say what to do."""
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.13", "python3.12", "python3.11", "python3.14"):
        path = shutil.which(name)
        if path and succeeds([path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
            os.execv(path, [path] + sys.argv)
    stop(
        f"Op@le Pilot needs Python 3.11 or newer, and python3 is {VERSION} here. Install a newer one and name it: "
        "make run PYTHON=/path/to/python3.11"
    )


def create_environment() -> None:
    """An empty `.venv/` with pip."""
    if succeeds([PYTHON, "-c", f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]):
        return
    say(f"Creating .venv with Python {VERSION}…")
    if not succeeds([sys.executable, "-c", "import ensurepip"]):
        package = f"python{VERSION}-venv"
        if not install_debian([package]):
            stop(f"Python's venv module is missing. Install it, then try again:\n    sudo apt-get install {package}")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
        stop("The environment .venv could not be created (see above).")


def install(lock: str) -> None:
    """With uv, itself installed by pip at the version and digests of the lock; with pip alone if uv cannot."""
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1")
    index = environment.get("PIP_INDEX_URL") or output([PYTHON, "-m", "pip", "config", "get", "global.index-url"])
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    if environment.get("PIP_CERT"):
        environment.setdefault("SSL_CERT_FILE", environment["PIP_CERT"])
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r"]
    with tempfile.TemporaryDirectory() as folder:
        only_uv = os.path.join(folder, "uv.txt")
        with open(only_uv, "w", encoding="utf-8") as file:
            file.write(block_of("uv", read(os.path.join(ROOT, "requirements-dev.lock"))))
        has_uv = subprocess.call(pip + [only_uv], env=environment) == 0
    uv = [os.path.join(VENV, "bin", "uv"), "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON]
    if has_uv and subprocess.call(uv + [lock], env=environment) == 0:
        return
    say("uv could not install the packages; trying with pip, which is slower…")
    if subprocess.call(pip + [lock], env=environment) != 0:
        stop("The packages could not be installed (see above). Is the package registry reachable from here?")


def check_pango() -> None:
    """WeasyPrint draws the PDF with Pango, a library of the system."""
    drawing = [PYTHON, "-c", "import weasyprint"]
    if succeeds(drawing) or (install_debian(PANGO) and succeeds(drawing)):
        return
    stop(
        "Pango is missing: PDF briefings need it. Install it, then try again:\n    sudo apt-get install "
        + " ".join(PANGO)
    )


def install_debian(packages: list[str]) -> bool:
    """Install Debian packages if this person may without a password; whether they are there."""
    if not shutil.which("apt-get"):
        return False
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if prefix and not (shutil.which("sudo") and succeeds(["sudo", "-n", "true"])):
        return False
    say(f"Installing the system packages {', '.join(packages)}…")
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    succeeds(prefix + quiet + ["update"])
    return succeeds(prefix + quiet + ["install", "-y", "--no-install-recommends"] + packages)


def block_of(name: str, lock: str) -> str:
    """The lines of one package in a lock file: its version and its digests."""
    lines = lock.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(name + "=="))
    last = next((n for n in range(first + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    return "\n".join(lines[first:last]) + "\n"


def fingerprint(lock: str) -> str:
    text = read(lock) + read(os.path.abspath(__file__)) + sys.version + ROOT
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def succeeds(command: list[str]) -> bool:
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def output(command: list[str]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip()


def say(text: str) -> None:
    print(text, flush=True)


def stop(text: str) -> NoReturn:
    sys.exit("\n" + text)


if __name__ == "__main__":
    main()
