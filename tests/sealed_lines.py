"""Lines of files of results with changed cells, and checks that fit them."""

import csv
import zlib

from quantum_advantage.study.lines import format_row, header_of


def cells_of(row):
    """The cells of a row's line, by their columns."""
    (cells,) = csv.reader([format_row(row).rpartition(",")[0]])
    return dict(zip(header_of(type(row)).split(","), cells, strict=False))


def sealed(line):
    """The line with its check and its end."""
    return f"{line},{zlib.crc32(line.encode()):08x}\n"
