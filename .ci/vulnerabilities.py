"""Print the known vulnerabilities in a report of pip-audit. Exit with 1 if a later version fixes one of them.

If the registry could not be reached, the report is missing or contains no results. That is not an error.
"""

import json
import pathlib
import sys

path = pathlib.Path(sys.argv[1])
packages = json.loads(path.read_text(encoding="utf-8"))["dependencies"] if path.exists() else []
audited = [package for package in packages if "vulns" in package]
print(f"{len(audited)} of {len(packages)} packages were audited")
found = [(package, vulnerability) for package in audited for vulnerability in package["vulns"]]
for package, vulnerability in found:
    fixes = vulnerability["fix_versions"] or "no version yet"
    print(package["name"], package["version"], vulnerability["id"], "fixed in", fixes)
sys.exit(any(vulnerability["fix_versions"] for _, vulnerability in found))
