"""What literals of three languages mean, read by the languages themselves where they are on the machine."""

import ast
import json
import re
import shutil
import subprocess

from support.npm_packages import NODE

_PATIENCE = 60
_ESCAPE = re.compile(r"\\(?:u+([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|([\\\"'nrt]))")
_NAMED = {"n": "\n", "r": "\r", "t": "\t"}
_UNICODE_ESCAPE = re.compile(r"\\(\\)|\\u+([0-9a-fA-F]{4})")
JAVAC = shutil.which("javac")


class NoLiteralError(ValueError):
    """The compiler would refuse it."""


def read_by_python(literals):
    return ast.literal_eval(f"[{', '.join(literals)}]")


def read_by_javascript(literals, folder):
    """Ask Node once for all; it answers with the UTF-16 units of each text."""
    lines = ",\n".join(literals)
    program = folder / "literals.mjs"
    program.write_text(
        f"const texts = [\n{lines}\n];\n"
        "const units = (text) => Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));\n"
        "process.stdout.write(JSON.stringify(texts.map(units)));\n",
        encoding="utf-8",
    )
    done = subprocess.run([NODE, program], capture_output=True, timeout=_PATIENCE, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return [_of_units(units) for units in json.loads(done.stdout)]


def read_by_java(literals, folder):
    """Compile a class with one method for each text, and ask it for the UTF-16 units."""
    program = folder / "Literals.java"
    methods = "".join(f"    static String t{at}() {{ return {text}; }}\n" for at, text in enumerate(literals))
    calls = "".join(f"        show(t{at}());\n" for at in range(len(literals)))
    program.write_text(
        f"class Literals {{\n{methods}"
        "    static void show(String text) {\n"
        '        for (char unit : text.toCharArray()) System.out.print((int) unit + " ");\n'
        "        System.out.println();\n"
        "    }\n"
        f"    public static void main(String[] words) {{\n{calls}    }}\n}}\n",
        encoding="ascii",
    )
    done = subprocess.run(["java", program], capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return [_of_units(map(int, line.split())) for line in done.stdout.splitlines()]


def read_as_java(literal):
    """Return what a literal of Java means by its specification; raises NoLiteralError for what is none.

    `\\u` is read first, wherever it stands, unless another backslash stands before it.
    """
    if not literal.isascii():
        raise NoLiteralError(literal)
    first = _UNICODE_ESCAPE.sub(lambda found: found[0] if found[1] else chr(int(found[2], 16)), literal)
    if len(first) < 2 or first[0] != '"' or first[-1] != '"':
        raise NoLiteralError(literal)
    text, at = "", 1
    while at < len(first) - 1:
        sign = first[at]
        if sign in '"\n\r':
            raise NoLiteralError(literal)
        if sign != "\\":
            text, at = text + sign, at + 1
            continue
        found = _ESCAPE.match(first, at)
        if found is None or found.end() > len(first) - 1:
            raise NoLiteralError(literal)
        text += chr(int(found[2], 8)) if found[2] else _NAMED.get(found[3], found[3])
        at = found.end()
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _of_units(units):
    content = b"".join(unit.to_bytes(2, "little") for unit in units)
    return content.decode("utf-16-le", "surrogatepass")
