"""Write the Python examples of the README and the docs to a folder, one module per page, for a type checker.

python .ci/examples.py FOLDER
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent

folder = pathlib.Path(sys.argv[1])
folder.mkdir()
for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
    examples = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    if examples:
        # The prefix keeps the names of the modules apart from those of libraries.
        (folder / f"example_{page.stem.replace('-', '_')}.py").write_text("\n".join(examples), encoding="utf-8")
