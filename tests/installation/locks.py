"""The hash-locked requirements and their pins."""

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One requirement of a lock, with the digests of its files."""

    requirement: Requirement
    digests: list[str]

    @property
    def name(self) -> str:
        """Its name as indexes write it."""
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The one allowed version."""
        (specifier,) = self.requirement.specifier
        assert specifier.operator == "=="
        return specifier.version

    @property
    def is_for_this_machine(self) -> bool:
        """Whether it is installed here; the locks are those of every platform."""
        return self.requirement.marker is None or self.requirement.marker.evaluate()


def pins(lock: Path) -> dict[str, Pin]:
    """Return the pins of a lock by their names."""
    lines = lock.read_text().replace("\\\n", " ").splitlines()
    found = [_pin(line) for line in lines if line and not line.startswith("#")]
    return {pin.name: pin for pin in found}


def _pin(line: str) -> Pin:
    requirement, *_ = line.partition("--hash=")
    return Pin(
        requirement=Requirement(requirement), digests=re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    )
