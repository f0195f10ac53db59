"""Changes to files, drawn from a seed: bytes, JSON values, cells, members of archives."""

import contextlib
import csv
import io
import json
import zipfile
import zlib

import numpy as np

VALUES = [
    float("nan"), float("inf"), float("-inf"), -1, 0, 1, 2, 7, -0.0, 0.5, 1e308, 2**31, 2**63,
    10**40, -(10**40), True, False, None, "", "x", "../../../../ESCAPED", "/tmp/ESCAPED", "..",
    "a\0b", "a\nb", "١", "nan", "9" * 5000, "a" * 70_000, [], {}, [[]], [1, 2, 3], {"a": 1},
    {"cirq_type": "sympy.Not", "args": ["__import__('os').abort()"]}, "\ud800", "λ",
]  # fmt: skip
CELLS = [
    "nan", "inf", "-inf", "-1", "0", "1", "2", "+1", " 1", "1 ", "1_0", "01", "1.0", "1e3", "1e999",
    "١", "９", "", "x", "../../../ESCAPED", "/tmp/ESCAPED", "..", "a\0b", '"', '"a', "a,b", "True",
    "9" * 40, "9" * 5000, "a" * 70_000, "\N{LINE SEPARATOR}", "law", "qsim:readout=0.3",
    "qvm:../x", "observables:alpha=../x",
]  # fmt: skip


def pick(rng, items):
    return items[int(rng.integers(len(items)))]


def span(rng, size):
    start, stop = sorted(int(x) for x in rng.integers(0, size + 1, 2))
    return start, stop


# Bytes.


def flip_bit(content, rng):
    place = int(rng.integers(len(content)))
    flipped = bytes([content[place] ^ (1 << int(rng.integers(8)))])
    return content[:place] + flipped + content[place + 1 :]


def set_byte(content, rng):
    place = int(rng.integers(len(content)))
    return content[:place] + bytes([int(rng.integers(256))]) + content[place + 1 :]


def truncate(content, rng):
    return content[: int(rng.integers(len(content)))]


def delete(content, rng):
    start, stop = span(rng, len(content))
    return content[:start] + content[stop:]


def duplicate(content, rng):
    start, stop = span(rng, len(content))
    return content[:stop] + content[start:stop] + content[stop:]


def insert(content, rng):
    place = int(rng.integers(len(content) + 1))
    junk = pick(rng, [b"\0", b"\xff", b"\n", b"\r", b" ", b"1", b"-", b",", b'"', rng.bytes(9)])
    return content[:place] + junk + content[place:]


def swap(content, rng):
    a, b, c = sorted(int(x) for x in rng.integers(0, len(content) + 1, 3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def around(content, rng):
    before, after = pick(
        rng, [(b"\xef\xbb\xbf", b""), (b"", b"\n"), (b"", b"\n\n"), (b"\n", b""), (b"", b"\0" * 99)]
    )
    return before + content + after


def replace_all(content, rng):
    return pick(
        rng,
        [b"", b"\0", b"{}", b"[]", b"[" * 200_000, b'{"a":' * 100_000, b"PK\x03\x04",
         rng.bytes(300), b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}", content.replace(b"\n", b"\r\n")],
    )  # fmt: skip


BYTES = [flip_bit, set_byte, truncate, delete, duplicate, insert, swap, around, replace_all]


# JSON.


def _places(value, place=()):
    yield place
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _places(inner, (*place, key))


def change_json(values, rng):
    """Changes one value, or a key, of a parsed JSON value; returns the text."""
    values = json.loads(json.dumps(values))
    place = pick(rng, [p for p in _places(values) if p])
    parent = values
    for key in place[:-1]:
        parent = parent[key]
    how = int(rng.integers(8))
    old = parent[place[-1]]
    if how == 0:
        del parent[place[-1]]
    elif how == 1 and isinstance(parent, dict):
        parent[f"{place[-1]}x"] = parent.pop(place[-1])
    elif how == 2 and isinstance(old, int | float):
        parent[place[-1]] = old + pick(rng, [1, -1, 0.5, 1e-9])
    elif how == 3 and isinstance(old, str):
        parent[place[-1]] = old[::-1]
    else:
        parent[place[-1]] = pick(rng, VALUES)
    text = json.dumps(values, indent=1)
    if how == 4 and isinstance(parent, dict):
        text = text.replace("{", '{"twice": 1, "twice": 2, ', 1)
    return text


def mutate_json(content, rng, seal):
    """Changes a JSON object; ``seal`` makes its check fit again, where it is given."""
    text = change_json(json.loads(content), rng)
    if seal is not None:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            text = seal(text)
    return text.encode("utf-8", "surrogatepass")


# CSV.


def mutate_csv(content, rng, seal):
    """Changes cells or lines; ``seal`` makes the checks of the lines fit again."""
    lines = content.decode().split("\n")[:-1]
    at = int(rng.integers(len(lines)))
    how = int(rng.integers(8))
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(int(rng.integers(len(lines))), lines[at])
    elif how == 2:
        other = int(rng.integers(len(lines)))
        lines[at], lines[other] = lines[other], lines[at]
    else:
        (cells,) = csv.reader([lines[at]])
        place = int(rng.integers(len(cells)))
        if how == 3:
            del cells[place]
        elif how == 4:
            cells.insert(place, cells[place])
        elif how == 5:
            other = int(rng.integers(len(cells)))
            cells[place], cells[other] = cells[other], cells[place]
        elif how == 6 and cells[place].lstrip("-").isdigit():
            cells[place] = str(int(cells[place]) + pick(rng, [1, -1, 10**6, -(10**6)]))
        else:
            cells[place] = pick(rng, CELLS)
        lines[at] = ",".join(cells) if rng.random() < 0.2 else joined(cells)
    if seal is not None and lines:
        lines = seal(lines, min(at, len(lines) - 1))
    return "".join(f"{line}\n" for line in lines).encode()


def joined(cells):
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def seal_row(lines, at):
    """Recomputes the CRC-32 of one line."""
    body = lines[at].rpartition(",")[0]
    lines[at] = f"{body},{zlib.crc32(body.encode()):08x}"
    return lines


# Archives.


def members_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def archive_of(members, kind=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", kind) as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    return content.getvalue()


def npy_of(array):
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


def mutate_npy(content, rng):
    """Changes the header of a .npy file, or its numbers."""
    length = int.from_bytes(content[8:10], "little")
    header, data = content[10 : 10 + length], content[10 + length :]
    array = np.load(io.BytesIO(content))
    how = int(rng.integers(9))
    if how == 0:
        shape = pick(
            rng, [b"(1000000000000,)", b"(-1,)", b"()", b"(9, 9, 9, 9)", b"((1,),)", b"(1"]
        )
        start = header.index(b"(")
        header = header[:start] + shape + header[header.rindex(b")") + 1 :]
        header = header[: length - 1].ljust(length - 1) + b"\n"
        return content[:8] + len(header).to_bytes(2, "little") + header + data
    if how == 1:
        kind = pick(rng, [b"'|O'", b"'<f8'", b"'<i8'", b"'>u8'", b"'<u4'", b"'|V8'", b"'<c16'"])
        header = header.replace(b"'<u8'", kind).replace(b"'|u1'", kind).replace(b"'<i8'", kind)
        return content[:8] + len(header).to_bytes(2, "little") + header + data
    if how == 2:
        return npy_of(array.astype(pick(rng, ["f8", "i2", "O", "U3", "?", "i8"])))
    if how == 3 and array.size:
        changed = array.copy()
        changed.flat[int(rng.integers(array.size))] ^= array.dtype.type(1)
        return npy_of(changed)
    if how == 4 and array.size:
        changed = array.copy()
        changed.flat[int(rng.integers(array.size))] = np.iinfo(array.dtype).max
        return npy_of(changed)
    if how == 5:
        return npy_of(array[: len(array) // 2] if array.ndim else array)
    if how == 6:
        return npy_of(array[None] if rng.random() < 0.5 else array.ravel())
    if how == 7:
        return npy_of(np.asfortranarray(array))
    return pick(rng, BYTES)(content, rng)


def mutate_npz(content, rng, seal):
    """Changes members of an archive, with sums of the zip format that fit.

    Args:
        content: The archive.
        rng: Draws the change.
        seal: Takes the header and the members of a record and returns a header that fits them.
    """
    members = members_of(content)
    name = pick(rng, list(members))
    how = int(rng.integers(8))
    kind = zipfile.ZIP_STORED
    if how == 0:
        del members[name]
    elif how == 1:
        members[pick(rng, ["../ESCAPED.npy", "/tmp/ESCAPED.npy", "x.npy", "header"])] = b"x"
    elif how == 2:
        kind = zipfile.ZIP_DEFLATED
        if rng.random() < 0.5:
            members[name] = npy_of(np.zeros(4_000_000, dtype=np.uint8))
    elif how == 3:
        other = pick(rng, list(members))
        members[name], members[other] = members[other], members[name]
    elif how in (4, 5) and "header.npy" in members:
        text = change_json(json.loads(np.load(io.BytesIO(members["header.npy"])).tobytes()), rng)
        octets = text.encode("utf-8", "surrogatepass")
        members["header.npy"] = npy_of(np.frombuffer(octets, dtype=np.uint8))
    else:
        members[name] = mutate_npy(members[name], rng)
    if seal is not None:
        # What cannot be sealed stays as it is.
        with contextlib.suppress(Exception):
            members["header.npy"] = npy_of(seal(members))
    changed = archive_of(members.items(), kind)
    return pick(rng, BYTES)(changed, rng) if rng.random() < 0.1 else changed
