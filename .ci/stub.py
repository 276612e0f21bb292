"""Write `tsattn/__init__.pyi`, the public names as type checkers see them, from the tables that the package reads.

python .ci/stub.py
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).parent.parent
STUB = ROOT / "tsattn" / "__init__.pyi"


def stub():
    """Return the text of the stub."""
    sys.path.insert(0, str(ROOT))
    import tsattn

    modules = {**tsattn._MODULES, "__version__": "tsattn.version"}
    lines = sorted(f"from {module} import {name} as {name}" for name, module in modules.items())
    return '"""Public names for type checkers; written by `python .ci/stub.py`."""\n\n' + "\n".join(lines) + "\n"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
