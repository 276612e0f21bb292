"""Prints what pip-audit found, given its file; exits with 1 if a known weakness is mended in a later version.

Where the registry was not reached there is no file, or nothing in it could be looked up, and that is no error.
"""

import json
import pathlib
import sys

path = pathlib.Path(sys.argv[1])
installed = json.loads(path.read_text(encoding="utf-8"))["dependencies"] if path.exists() else []
told = [package for package in installed if "vulns" in package]
print(f"{len(told)} of {len(installed)} packages could be looked up")
weak = [(package, weakness) for package in told for weakness in package["vulns"]]
for package, weakness in weak:
    print(
        package["name"], package["version"], weakness["id"], "mended in", weakness["fix_versions"] or "no version yet"
    )
sys.exit(any(weakness["fix_versions"] for _, weakness in weak))
