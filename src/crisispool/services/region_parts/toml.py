"""TOML with the line of every key and all its errors; tomllib stops at the first and keeps no lines."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

LONGEST = 20_000
"""Characters of one key with its value; a longer one is no setting, and may cost the parser minutes."""

Report = Callable[..., None]
"""Takes a line, a key path, the code of what is wrong, and its facts."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}'  # a text over several lines
    r"|'''(?:[^']|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]|\\[^\n])*+"'
    r"|'[^'\n]*+'"
    r"|#[^\n]*+"
    r"|[\[\]{}\n]",
    re.DOTALL,
)
_KEY = re.compile(
    r"""\s*+((?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')(?:\s*+\.\s*+(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+'))*+)\s*+="""
)
_WORD = re.compile(r"\s*+([\w.-]*+)")
_DAY = re.compile(r"=[ \t]*+\d{4}-\d{1,2}-\d{1,2}")
_STARTS_ANEW = re.compile(
    r"[ \t]*+(?:[A-Za-z][\w.-]*+[ \t]*+=|\[\[?[A-Za-z][\w.]*+\]\]?[ \t]*+(?:#|\r?$))", re.MULTILINE
)


@dataclass(slots=True)
class Table:
    """A table with the line it starts on: keys to entries, in the order of the file."""

    line: int
    entries: "dict[str, Entry]" = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """A value with the line of its key: a plain TOML value, a `Table`, or a list of tables."""

    line: int
    value: object


def read_toml(text: str, report: Report) -> Table:
    """The whole text as one table. What cannot be read is reported and left out; the rest is still there."""
    root = Table(1)
    here, prefix = root, ""
    for line, statement in _statements(text):
        header = statement.lstrip().startswith("[")
        match = None if header else _KEY.match(statement)
        name = match[1] if match else _first_word(statement)
        try:
            parsed = tomllib.loads(statement if len(statement) <= LONGEST else "")
            if not parsed:
                raise ValueError("too long")
        except (ValueError, RecursionError) as error:
            meant = _meant_by(statement) if header else ([name] if name else [], False)
            where = _join("" if header else prefix, ".".join(meant[0]))
            report(line + _lines_in(error), where or "?", _code_of(error, statement))
            if header:
                here, prefix = _open(root, meant, line, report)
            elif "." not in name:
                here.entries.setdefault(name.strip("\"'"), Entry(line, UNREADABLE))
            continue
        if header:
            here, prefix = _open(root, _header_path(parsed), line, report)
        else:
            _put(
                here,
                parsed,
                name.count(".") if '"' not in name and "'" not in name else 0,
                line,
                prefix,
                report,
            )
    return root


class Unreadable:
    """Stands where a value was that could not be read: reported already, so not missing."""


UNREADABLE = Unreadable()


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header or key with its value, and its first line; a bracket never closed ends at the next key."""
    at, line = 0, 1
    while at < len(text):
        end = _end_of_statement(text, at)
        statement = text[at:end]
        if (bare := statement.strip()) and not bare.startswith("#"):
            yield line, statement
        line += statement.count("\n")
        at = end


def _end_of_statement(text: str, at: int) -> int:
    depth = 0
    while token := _TOKEN.search(text, at):
        at = token.end()
        sign = token[0]
        if sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "\n" and (depth <= 0 or _STARTS_ANEW.match(text, at)):
            return at
    return len(text)


def _open(root: Table, header: tuple[list[str], bool], line: int, report: Report) -> tuple[Table, str]:
    """The table that a header opens, made if need be, and its name."""
    path, many = header
    prefix = ".".join(path)
    here = root
    for name in path[:-1]:
        entry = here.entries.setdefault(name, Entry(line, Table(line)))
        value = entry.value[-1] if isinstance(entry.value, list) and entry.value else entry.value
        if not isinstance(value, Table):
            report(line, prefix, "duplicate_key", first=entry.line)
            return Table(line), prefix
        here = value
    new, known = Table(line), here.entries.get(path[-1])
    if known is None:
        here.entries[path[-1]] = Entry(line, [new] if many else new)
        prefix += "[1]" if many else ""
    elif isinstance(known.value, list) and isinstance(next(reversed(known.value), None), Table):
        known.value.append(new)
        if not many:
            report(line, prefix, "duplicate_table", first=known.line)
        prefix += f"[{len(known.value)}]"
    else:
        code = "duplicate_table" if isinstance(known.value, Table | list) else "duplicate_key"
        report(line, prefix, code, first=known.line)
    return new, prefix


def _header_path(parsed: dict[str, object]) -> tuple[list[str], bool]:
    path: list[str] = []
    value: object = parsed
    while isinstance(value, dict) and value:
        name, value = next(iter(value.items()))
        path.append(name)
    return path, isinstance(value, list)


def _meant_by(statement: str) -> tuple[list[str], bool]:
    """What a header that cannot be read was probably meant to be, so that what stands under it is still read."""
    name = _first_word(statement.lstrip("[ \t"))
    return name.split(".") if name else ["?"], "[[" in statement or "]]" in statement


def _first_word(statement: str) -> str:
    found = _WORD.match(statement)
    return found[1] if found else ""


def _put(here: Table, parsed: dict[str, object], dots: int, line: int, prefix: str, report: Report) -> None:
    """Add one parsed ``key = value``; `dots` says how many of its levels are dots of the key."""
    (name, value), *_ = parsed.items()
    for _ in range(dots):
        prefix = _join(prefix, name)
        entry = here.entries.setdefault(name, Entry(line, Table(line)))
        if not isinstance(entry.value, Table) or not isinstance(value, dict):
            report(line, prefix, "duplicate_key", first=entry.line)
            return
        here = entry.value
        (name, value), *_ = value.items()
    if name in here.entries:
        report(line, _join(prefix, name), "duplicate_key", first=here.entries[name].line)
    else:
        here.entries[name] = Entry(line, _with_line(value, line))


def _with_line(value: object, line: int) -> object:
    if isinstance(value, dict):
        return Table(line, {name: Entry(line, _with_line(inner, line)) for name, inner in value.items()})
    if isinstance(value, list):
        return [_with_line(inner, line) for inner in value]
    return value


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix and name else prefix or name


def _code_of(error: Exception, statement: str) -> str:
    text = str(error)
    if isinstance(error, RecursionError) or text == "too long":
        return "too_much"
    if "Invalid date or datetime" in text or _DAY.search(statement):
        return "no_such_date"
    if "integer string conversion" in text:
        return "number_too_long"
    if "Cannot overwrite" in text or "Duplicate inline" in text:
        return "duplicate_inside"
    return "syntax"


def _lines_in(error: Exception) -> int:
    """How many lines below the start of the statement tomllib stopped."""
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) - 1 if found else 0
