#!/usr/bin/env python3
"""Writes src/unicode/categories.rs and src/unicode/decompositions.rs from Python's Unicode data.

  make_unicode.py [DIR]     DIR is the function's folder; its own by default

The version must be the one with which the table's tokens were made: what a later one assigns is unassigned there, and
left out."""
import os, sys, unicodedata

VERSION = "14.0.0"  # Python 3.11
HEAD = "//! Written by table/make_unicode.py: Unicode 14.0.\n\n"
CHARACTERS = [chr(point) for point in range(0x110000)]


def bounds(belongs):
    """Where a run of characters that belong begins, and where it ends, in turn."""
    found, inside = [], False
    for c in CHARACTERS:
        if belongs(c) != inside:
            found.append(ord(c)); inside = not inside
    return found + [0x110000] if inside else found


def stripped(c):
    """The canonical decomposition without its marks."""
    return "".join(one for one in unicodedata.normalize("NFD", c) if unicodedata.category(one) != "Mn")


def lines(items):
    out, line = [], "   "
    for item in items:
        if len(line) + len(item) > 116:
            out.append(line); line = "   "
        line += f" {item},"
    return "\n".join([*out, line])


def constant(name, doc, kind, items):
    return f"/// {doc}\n#[rustfmt::skip]\npub(super) const {name}: &[{kind}] = &[\n{lines(items)}\n];\n"


def categories():
    of = lambda start: bounds(lambda c: unicodedata.category(c).startswith(start))
    lists = (
        ("OTHER", "Category C: where each run begins, and where it ends, in turn.", "C"),
        ("MARKS", "Category Mn, in the same way.", "Mn"),
        ("PUNCTUATION", "Category P, in the same way.", "P"),
    )
    return HEAD + "\n".join(constant(name, doc, "u32", map(hex, of(start))) for name, doc, start in lists)


def decompositions():
    one, more = [], []
    for c in CHARACTERS:
        # Hangul is computed; a surrogate is no character; marks and category C have gone before.
        if 0xAC00 <= ord(c) <= 0xD7A3 or unicodedata.category(c)[0] == "C" or unicodedata.category(c) == "Mn":
            continue
        base = stripped(c)
        if len(base) == 1 and base != c:
            one.append(f"({ord(c):#x}, {ord(base):#x})")
        elif len(base) > 1:
            points = [ord(b) for b in base] + [0] * (3 - len(base))
            more.append("({:#x}, [{:#x}, {:#x}, {:#x}])".format(ord(c), *points))
    return HEAD + "\n".join((
        constant("TO_ONE", "Characters whose decomposition leaves one without its marks, in order.", "(u32, u32)", one),
        constant("TO_MORE", "Those that leave two or three; 0 is none.", "(u32, [u32; 3])", more)))


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit(f"this Python has Unicode {unicodedata.unidata_version}; {VERSION} is meant")
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    for name, text in (("categories", categories()), ("decompositions", decompositions())):
        with open(os.path.join(folder, "src", "unicode", name + ".rs"), "w") as out:
            out.write(text)


if __name__ == "__main__":
    main()
