"""Write the software bill of materials of both environments (CycloneDX 1.6, JSON).

Read from the hash-locked pins, so it is what is installed: name, version, package
URL and the hashes a download must have. `python tools/sbom.py [FOLDER]` writes
`app.cdx.json` and `rasa.cdx.json` (default folder: var/sbom), the same each time.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def main(folder: Path) -> None:
    """Write one file an environment."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("app", "rasa"):
        pins = ROOT / "requirements" / f"{name}.txt"
        made = bom(name, pins.read_text("utf-8"))
        target = folder / f"{name}.cdx.json"
        target.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{target}: {len(made['components'])} components\n")


def bom(name: str, pins: str) -> dict[str, Any]:
    """Return the CycloneDX document of one environment's pins."""
    parts = list(components(pins))
    seed = "".join(part["purl"] for part in parts)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, seed)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": f"aftercare-{name}",
                "bom-ref": f"aftercare-{name}",
            }
        },
        "components": parts,
    }


def components(pins: str) -> list[dict[str, Any]]:
    """Return the pinned packages, by name."""
    found: list[dict[str, Any]] = []
    for line in pins.splitlines():
        pin = PIN.match(line)
        if pin:
            name = re.sub(r"[-_.]+", "-", pin[1]).lower()
            purl = f"pkg:pypi/{name}@{pin[2]}"
            found.append(
                {
                    "type": "library",
                    "bom-ref": purl,
                    "name": name,
                    "version": pin[2],
                    "purl": purl,
                    "hashes": [],
                }
            )
        if found:
            found[-1]["hashes"] += [
                {"alg": "SHA-256", "content": one} for one in HASH.findall(line)
            ]
    return sorted(found, key=lambda part: part["purl"])


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "var" / "sbom")
