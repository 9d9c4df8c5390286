"""The supported interpreters of this machine."""

import shutil
import subprocess

VERSIONS = ("3.11", "3.12", "3.13")
_WORKS = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"


def interpreter(version: str) -> str | None:
    """Return the path of an interpreter of this version that really runs, if there is one on PATH."""
    path = shutil.which(f"python{version}")
    if path is None:
        return None
    done = subprocess.run([path, "-c", _WORKS], capture_output=True, text=True, check=False)
    return (
        path if done.stdout.strip() == version else None
    )  # a version manager's shim may have none behind it
