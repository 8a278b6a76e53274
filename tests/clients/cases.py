"""Writes what the judges call every tool with: the first example of each manifest, as JSON.

    python cases.py MANIFESTS OUTPUT

Each case has `tool`, `alias`, `arguments` and `open_to_default_roles`; where a tool needs approval, the arguments have
`user_approved: true`. A page that a tool is to fetch is one of this machine, which it refuses: judging needs no network.
"""

import json
import pathlib
import sys

import yaml


def case(path: pathlib.Path) -> dict:
    """The case of one manifest; its tool's name follows from where the file is."""
    manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    arguments = dict(manifest["examples"][0])
    if manifest.get("approval") == "required":
        arguments["user_approved"] = True
    if "handler" in manifest and "url" in arguments:
        arguments["url"] = "http://127.0.0.1/"
    return {
        "tool": f"{path.parent.name}_{path.stem}",
        "alias": manifest["aliases"][0],
        "arguments": arguments,
        "open_to_default_roles": manifest.get("roles", "default") == "default",
    }


def main() -> None:
    """Reads the folder of manifests, writes the file of cases."""
    manifests, output = map(pathlib.Path, sys.argv[1:])
    cases = sorted((case(path) for path in manifests.glob("*/*.yaml")), key=lambda each: each["tool"])
    output.write_text(json.dumps(cases, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
