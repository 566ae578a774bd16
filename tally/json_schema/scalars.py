"""Texts and numbers that a shape allows, and those just outside of it. The caller checks them."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from math import ceil, floor, isfinite
from random import Random
from uuid import UUID

from tally.json_schema.patterns import text_of, texts_of
from tally.json_schema.shapes import Shape

BEYOND_ASCII = "Zoë Ōé 東京 🫖"
AWKWARD = 'O\'Neil & "Co" <b>%\\/;--'
_WORDS = ("tally", "Any text 1", "0", "a-b_c.d~e", BEYOND_ASCII, AWKWARD, " space ", "true")
_LONG = 300
_LONGEST = 20_000
_TEXTS_OF_PATTERN = 6

FORMATS: dict[str, tuple[str, ...]] = {
    "byte": ("dGFsbHk=", "", "w6k="),
    "date": ("2024-02-29", "1999-12-31", "2026-11-30", "1970-01-01"),
    "date-time": ("2024-02-29T12:30:00Z", "1999-12-31T23:59:59.999+02:00", "2026-11-30T00:00:00Z"),
    "duration": ("PT10M", "P1DT2H", "P1Y2M3D"),
    "email": ("name@example.org", "first.last+tag@sub.example.org", "o'neil@example.org"),
    "hostname": ("www.example.org", "localhost"),
    "idn-email": ("name@example.org", "zoë@example.org"),
    "idn-hostname": ("www.example.org",),
    "ipv4": ("192.0.2.1", "255.255.255.255", "0.0.0.0"),  # noqa: S104 - an address as text, nothing listens there
    "ipv6": ("2001:db8::1", "::1", "::ffff:192.0.2.1"),
    "iri": ("https://example.org/a", "https://example.org/é"),
    "iri-reference": ("/a/b", "https://example.org/é"),
    "json-pointer": ("/a/0", "", "/a~1b"),
    "regex": ("^a+$", "b"),
    "relative-json-pointer": ("0/a", "1"),
    "time": ("12:30:00Z", "23:59:59.999+02:00", "00:00:00Z"),
    "uri": ("https://example.org/a", "https://user@example.org:8443/a/b?c=d%20e#f", "urn:isbn:9780141036144"),
    "uri-reference": ("/a/b", "https://example.org/a", "?a=b"),
    "uri-template": ("https://example.org/{id}", "/{a}/{b}"),
    "uuid": ("3fa85f64-5717-4562-b3fc-2c963f66afa6", "00000000-0000-4000-8000-000000000000"),
}


def _identifier(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _date(random: Random) -> str:
    return f"{random.randint(1970, 2099)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"


_FRESH: dict[str, Callable[[Random], str]] = {
    "date": _date,
    "date-time": lambda random: f"{_date(random)}T{random.randint(0, 23):02}:{random.randint(0, 59):02}:00Z",
    "email": lambda random: f"name{random.getrandbits(40)}@example.org",
    "hostname": lambda random: f"host{random.getrandbits(40)}.example.org",
    "idn-email": lambda random: f"zoë{random.getrandbits(40)}@example.org",
    "ipv4": lambda random: f"192.0.2.{random.randint(1, 254)}",
    "uri": lambda random: f"https://example.org/{random.getrandbits(40)}",
    "uuid": _identifier,
}


def texts(shape: Shape, random: Random) -> Iterator[str]:
    """Yield texts that are likely to be allowed: usual ones, the shortest, the longest, others."""
    least, most = int(shape.limit("minLength") or 0), shape.limit("maxLength")
    for pattern in shape.patterns:
        yield from _of_length(texts_of(pattern, random, _TEXTS_OF_PATTERN), least, most)
    known = [text for name in shape.formats for text in FORMATS.get(name, ())]
    yield from known
    if known and not shape.patterns:
        return
    words = _of_length(_WORDS, least, most)
    yield words[0]
    yield _stretched("a", least) if least else ""
    if most is not None and most <= _LONGEST:
        yield _stretched("z", int(most))
        yield _stretched("é", int(most))
    yield from words[1:]
    if most is None:
        yield _stretched("long text ", max(least, _LONG))


def fresh_text(shape: Shape, random: Random) -> str:
    """Return a text as any other, of an allowed length."""
    if shape.patterns:
        return text_of(shape.patterns[0], random) or ""
    for name in shape.formats:
        if name in _FRESH:
            return _FRESH[name](random)
    least, most = int(shape.limit("minLength") or 0), int(shape.limit("maxLength") or _LONGEST)
    length = random.randint(least, max(least, min(most, least + 24)))
    letters = random.choice(("abcxyz019", "abc XYZ-_.", "aéß東🫖 '\"<&"))
    return "".join(random.choices(letters, k=min(length, _LONGEST)))


def _of_length(found: tuple[str, ...] | list[str], least: int, most: float | None) -> list[str]:
    longest = _LONGEST if most is None else min(int(most), _LONGEST)
    return list(dict.fromkeys(_stretched(text, least)[:longest] for text in found)) or [
        _stretched("a", least)
    ]


def _stretched(text: str, length: int) -> str:
    """Return *text*, repeated until it has the length; as it is when that is too long to be true."""
    if len(text) >= length or length > _LONGEST:
        return text
    return (text * (length // max(1, len(text)) + 1))[:length]


def bounds(shape: Shape) -> tuple[Decimal | None, Decimal | None, Decimal]:
    """Return the lowest and the highest number that is allowed, and the step from one to the next."""
    step = Decimal(1) if "number" not in shape.types else Decimal("0.01")
    for multiple in shape.multiples:
        exact = _exact(multiple)
        step = exact if exact > 0 and (shape.types == ("number",) or exact == int(exact)) else step
    low, high = shape.limit("minimum"), shape.limit("maximum")
    lowest = None if low is None else _exact(low)
    highest = None if high is None else _exact(high)
    if (above := shape.limit("exclusiveMinimum")) is not None:
        open_low = _exact(above) + _beyond(_exact(above), step, shape)
        lowest = open_low if lowest is None else max(lowest, open_low)
    if (below := shape.limit("exclusiveMaximum")) is not None:
        open_high = _exact(below) - _beyond(_exact(below), step, shape)
        highest = open_high if highest is None else min(highest, open_high)
    return lowest, highest, step


def _beyond(limit: Decimal, step: Decimal, shape: Shape) -> Decimal:
    """Return how far the first allowed number is from a limit that is itself not allowed."""
    return step if step == 1 or shape.multiples else min(step, max(abs(limit), Decimal(1)) / 1000)


def numbers(shape: Shape, *, whole: bool) -> Iterator[float]:
    """Yield numbers in the limits: a usual one, both ends, those beside them, round and large ones."""
    lowest, highest, step = bounds(shape)
    if whole:
        step = max(step, Decimal(1))
        usual = [
            "1",
            "0",
            "-1",
            "2",
            "100",
            str(2**31 - 1),
            str(2**31),
            str(2**53 + 1),
            str(2**63 - 1),
            str(2**63),
        ]
        usual += [str(-(2**31)), str(-(2**63)), str(10**20)]
    else:
        usual = [
            "1.5",
            "1",
            "0",
            "-1",
            "0.01",
            "-0.5",
            "100.25",
            str(2**31),
            "12345678901.5",
            str(2**63),
            "1e20",
        ]
    wanted = [Decimal(text) for text in usual]
    ends = [end for end in (lowest, highest) if end is not None]
    beside = [end + sign * step for end, sign in zip(ends, (1, -1), strict=False)]
    inside = [number for number in wanted if _is_inside(number, lowest, highest)]
    middle = [(lowest + highest) / 2] if lowest is not None and highest is not None else []
    for number in (*(inside[:1] or middle or ends), *ends, *beside, *inside[1:], *middle):
        for near in _on_steps(number, shape, whole=whole):
            if _is_inside(_exact(near), lowest, highest):
                yield near


def fresh_number(shape: Shape, random: Random, *, whole: bool) -> float:
    """Return a number as any other, in the limits."""
    lowest, highest, _ = bounds(shape)
    low = float(lowest if lowest is not None else min(Decimal(-1000), (highest or Decimal(0)) - 1000))
    high = float(highest if highest is not None else max(Decimal(1000), (lowest or Decimal(0)) + 1000))
    # So that neither ends nor the large numbers between them have all of the weight.
    part = random.random() ** random.choice((1, 1, 4))
    number = Decimal(low + (high - low) * part).quantize(Decimal("0.001"))
    return next(_on_steps(number, shape, whole=whole), low)


def _on_steps(number: Decimal, shape: Shape, *, whole: bool) -> Iterator[float]:
    """Yield the closest numbers that are multiples, and whole where they have to be."""
    steps = [_exact(multiple) for multiple in shape.multiples if _exact(multiple) > 0]
    if not steps:
        yield from [int(number)] if whole and number == int(number) else [] if whole else [_plain(number)]
        if whole and number != int(number):
            yield from (floor(number), ceil(number))
        return
    for step in steps:
        # A product of numbers that are written with few digits has few digits.
        for times in dict.fromkeys((floor(number / step), ceil(number / step))):
            found = step * times
            if not whole or found == int(found):
                yield int(found) if found == int(found) else float(found)


def _plain(number: Decimal) -> float:
    found = float(number)
    return int(number) if number == int(number) and abs(found) < 2**53 else found


def _is_inside(number: Decimal, lowest: Decimal | None, highest: Decimal | None) -> bool:
    return (lowest is None or number >= lowest) and (highest is None or number <= highest)


def _exact(number: object) -> Decimal:
    try:
        found = Decimal(str(number))
    except InvalidOperation:
        return Decimal(0)
    return found if isfinite(found) else Decimal(0)
