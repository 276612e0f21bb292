"""Common structure of benchmarks: a table of cells, each measured once, with results in a CSV file."""

import argparse
import dataclasses
import itertools
from collections.abc import Callable, Mapping

from tqdm import tqdm

from benchmarks.common import results, tables

FLAGS = {
    "quick": "measure only a small part, and write no results",
    "again": "also measure cells that already have results",
    "table": "print the table of the results and measure nothing",
}


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """A table of tasks and candidates, a function that measures one cell, and a file of results.

    A cell is one combination of the values of all axes. Its rows are written when its measurement ends, so that an
    interrupted run resumes with the missing cells.

    Args:
        name: Stem of the file `results/NAME.csv`.
        axes: Mapping from an option of the command line, such as `"tasks"`, to the column of the results and its
            values: a sequence, or a function without arguments that returns one. Without axes there is one cell.
        figures: Columns of the results that `measure` provides.
        measure: Function that takes the values of a cell by the names of their columns. It returns the columns
            `figures` as a dict, or as a list of dicts if the cell has several rows.
        quick: Arguments of `measure` for the option `--quick`.
        exists: Function of a cell, a dict, that returns whether this combination is measured. Defaults to all.
        skipped_errors: Exceptions of `measure` that are printed and skip the cell. Defaults to none.
        report: Function that prints a table of rows. Defaults to a table of all columns but the provenance.
        check: Function of the values of the first axis, for the option `--check`: it exits with an error if the tasks
            are not what they should be. Defaults to none, without the option.
    """

    name: str
    axes: Mapping[str, tuple]
    figures: tuple[str, ...]
    measure: Callable
    quick: Mapping
    exists: Callable = lambda cell: True
    skipped_errors: tuple[type[Exception], ...] = ()
    report: Callable | None = None
    check: Callable | None = None

    @property
    def key(self):
        """The columns that identify a cell."""
        return tuple(column for column, _ in self.axes.values())

    def main(self, description):
        """Run the command line.

        Args:
            description: Text of `--help`: the docstring of the script.
        """
        parser = make_parser(description)
        for option in self.axes:
            parser.add_argument(f"--{option}", metavar="A,B", help="names, separated by commas. Defaults to all")
        if self.check is not None:
            parser.add_argument("--check", action="store_true", help="check the tasks and measure nothing else")
        arguments = parser.parse_args()
        try:
            if self.check is not None and arguments.check:
                first = next(iter(self.axes))
                return self.check(self._values(first, getattr(arguments, first)))
            self.run(arguments, {option: getattr(arguments, option) for option in self.axes})
        except UnknownNameError as error:
            parser.error(str(error))

    def run(self, flags, names=None):
        """Measure and report according to the command-line flags.

        Args:
            flags: Namespace with `quick`, `again` and `table`.
            names: Mapping from an option to names separated by commas, or None for all.

        Raises:
            UnknownNameError: If an axis does not contain a name.
        """
        if flags.quick:
            self._print(self._rows(self.quick))
        else:
            if not flags.table:
                self.fill(names or {}, flags.again)
            self.print_table(results.read(self.name))

    def fill(self, names, again=False):
        """Measure the cells that have no results yet and write their rows.

        Args:
            names: As in `run`.
            again: Whether to also measure the other cells. Defaults to False.
        """
        cells = self.cells(names)
        if not again:
            done = {results.identity(row, self.key) for row in results.read(self.name)}
            cells = [cell for cell in cells if results.identity(cell, self.key) not in done]
        for cell in tqdm(cells, unit="cell"):
            try:
                rows = self._rows(cell)
            except self.skipped_errors as error:
                tqdm.write(f"{', '.join(map(str, cell.values()))}: {error}")
                continue
            self._print(rows)
            results.write(self.name, rows, self.key)

    def cells(self, names):
        """List the cells with some names, as dicts from columns to values."""
        values = [self._values(option, names.get(option)) for option in self.axes]
        cells = [dict(zip(self.key, combination, strict=True)) for combination in itertools.product(*values)]
        return [cell for cell in cells if self.exists(cell)]

    def print_table(self, rows):
        """Print the table of these rows, as read from the results."""
        if self.report is not None:
            self.report(rows)
        elif rows:
            columns = [column for column in rows[0] if column not in results.PROVENANCE]
            tables.print_table(columns, [[row[column] for column in columns] for row in rows])

    def _rows(self, cell):
        figures = self.measure(**cell)
        figures = figures if isinstance(figures, list) else [figures]
        columns = dict.fromkeys((*self.key, *self.figures), "")
        return [{**columns, **{column: cell[column] for column in self.key}, **row} for row in figures]

    def _print(self, rows):
        for row in rows:
            tqdm.write(" ".join(f"{column}={value}" for column, value in row.items() if value != ""))

    def _values(self, option, names):
        _, values = self.axes[option]
        values = list(values() if callable(values) else values)
        if names is None:
            return values
        if option == "seeds":  # any integer is a seed
            return [int(name) for name in names.split(",")]
        known = {str(value): value for value in values}
        if unknown := sorted(set(names.split(",")) - set(known)):
            raise UnknownNameError(f"--{option} received {', '.join(unknown)}, expected some of {', '.join(known)}.")
        return [known[name] for name in names.split(",")]


class UnknownNameError(ValueError):
    """Raised for a name on the command line that an axis does not contain."""


def make_parser(description, flags=tuple(FLAGS)):
    """Return an `ArgumentParser` with the flags that benchmarks share.

    Args:
        description: Text of `--help`: the docstring of the script.
        flags: Names of the flags. Defaults to all.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag in flags:
        parser.add_argument(f"--{flag}", action="store_true", help=FLAGS[flag])
    return parser
