"""The allowed imports between subpackages, checked on the syntax tree."""

import ast
import configparser
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PACKAGE = ROOT / "tsattn"

# Each subpackage, the subpackages that it may import, and the third-party libraries.
ROOMS = {
    "_utils": (set(), {"numpy", "pandas", "matplotlib"}),
    "version": (set(), set()),
    "accelerators": (set(), {"keras", "numpy", "tensorflow"}),
    "layers": ({"accelerators"}, {"keras"}),
    "networks": ({"layers", "accelerators"}, {"keras"}),
    "series": (set(), {"numpy", "pandas", "holidays"}),
    "baselines": ({"series"}, {"numpy", "statsforecast"}),
    "training": ({"networks", "accelerators", "series", "baselines"}, {"keras", "numpy", "sklearn", "tqdm"}),
    "persistence": (set(), {"numpy", "pandas", "safetensors"}),
    "export": ({"accelerators"}, {"keras", "numpy"}),
    "pretrained": ({"persistence"}, {"numpy"}),
    "forecasters": (
        {"networks", "accelerators", "series", "baselines", "training", "persistence", "export", "pretrained"},
        {"keras", "numpy", "pandas", "sklearn"},
    ),
    "evaluation": (
        {"series", "baselines", "report", "forecasters"},
        {"numpy", "pandas", "sklearn", "joblib", "tqdm", "scipy", "statsmodels", "arch", "utilsforecast"},
    ),
    "report": (set(), {"numpy", "pandas", "matplotlib", "plotly", "jinja2"}),
    "testing": (set(), {"numpy", "pandas", "sklearn"}),
    "partitions": ({"forecasters", "series"}, {"pandas", "sklearn", "dask", "distributed"}),
    "datasets": (set(), {"numpy", "pandas"}),
    "io": ({"datasets", "series"}, {"numpy", "pandas"}),
    "cli": ({"datasets", "io", "forecasters"}, {"typer", "pandas"}),  # of forecasters the registry
    "__init__": ({"forecasters"}, set()),  # the registry, which imports nothing
}
EVERYWHERE = {"_utils", "version"}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Return the dotted names that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_room_may(path):
    room = room_of(path)
    rooms, libraries = ROOMS[room]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "tsattn":
            # The package itself represents its public names, which only the command line may import.
            assert (len(parts) == 1 and room == "cli") or parts[1] in {room, *EVERYWHERE, *rooms}, (
                f"{room} imports {name}"
            )
        elif parts[0] not in sys.stdlib_module_names:
            assert parts[0] in libraries, f"{room} imports {name}"
        assert "src" not in parts, f"{name} is not public"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_accelerators_ask_for_the_backend(path):
    """The other rooms call its functions, such as `on_tensorflow` and `jit_mode`."""
    text = path.read_text(encoding="utf-8")
    names = [name for name in ("keras.backend", "keras.config.backend", "keras import backend") if name in text]
    assert names == [] or room_of(path) == "accelerators"


def test_files_import_each_other_without_cycles():
    graph = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): {n for n in imports(path) if n.startswith("tsattn.")}
        for path in FILES
        if path.name != "__init__.py"
    }
    done, path = set(), []

    def visit(module):
        assert module not in path, " -> ".join([*path, module])
        if module in done or module not in graph:
            return
        path.append(module)
        for other in sorted(graph[module]):
            visit(other)
        done.add(path.pop())

    for module in graph:
        visit(module)
    assert done == set(graph)


def test_the_wheel_contains_all_packages():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in PACKAGE.rglob("__init__.py")}
    assert set(setup["options"]["packages"].split()) == {*found, "tsattn.data"}


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, tsattn; print(sorted({'keras', 'tensorflow', 'pandas', 'sklearn', 'numpy'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"


def test_a_linear_forecast_does_not_load_keras():
    code = (
        "import sys, tsattn; y = tsattn.load_dataset('air_passengers'); tsattn.LinearForecaster(12).fit(y).predict(); "
        "print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"
