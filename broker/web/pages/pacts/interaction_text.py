"""An interaction as text to read: requests, responses and messages, with what applies to each line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from broker.domain.overview.pact_page import JudgedInteraction
from broker.domain.readable_json import shortened
from broker.domain.verifications.interaction_outcomes import Problem
from broker.web.pages.pacts.body_lines import LONGEST_RULE, Annotations, BodyLines, Line, Part, body_lines
from broker.web.pages.pacts.curl import curl
from broker.web.pages.pacts.rules_in_words import generator_in_words, rule_in_words
from tally.hashing import compact_json
from tally.pact import (
    HttpInteraction,
    Interaction,
    Message,
    MessageInteraction,
    Request,
    Response,
    RuleSet,
    SynchronousMessageInteraction,
)
from tally.values import dataclass

_READABLE = "/:,[]{} @'\"!$()*;?"
_LONGEST = 2_000
_OF_REQUESTS = {"method", "path", "query"}
_OF_BODIES = {"body", "body-type"}
_WIDE = 0.6
"""Of the wider of two sides: below this, the other one needs less."""
Rules = Mapping[str, RuleSet]


@dataclass(frozen=True)
class Side:
    """A request, a response or a message: what comes before the body, and the body."""

    title: str
    head: Sequence[Line]
    body: BodyLines

    @property
    def parts(self) -> Sequence[Part]:
        """What comes before the body, and the body, as few blocks of lines as can be."""
        head, (*parts,) = list(self.head), self.body.parts
        if not head or not parts or parts[0].folded:
            return [Part(head), *parts] if head else parts
        return [Part([*head, Line(""), *parts[0].lines]), *parts[1:]]

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """Rules and generators that apply to nothing that is shown."""
        return self.body.notes


@dataclass(frozen=True)
class Sides:
    """The sides of an interaction. *curl* sends its request; *layout* says which side needs more room."""

    sides: Sequence[Side]
    curl: str | None
    layout: str


def sides(judged: JudgedInteraction) -> Sides:
    """Return what an interaction says, with what came instead beside the lines."""
    interaction, problems = judged.read.interaction, judged.outcome.problems
    if isinstance(interaction, HttpInteraction):
        of_request = [problem for problem in problems if problem.attribute in _OF_REQUESTS]
        of_response = [problem for problem in problems if problem.attribute not in _OF_REQUESTS]
        found = [
            _request(interaction.request, of_request),
            _response(interaction.response, of_response),
        ]
        return Sides(found, curl(interaction.request), _layout(found))
    if isinstance(interaction, SynchronousMessageInteraction):
        found = [
            _message("Message", interaction.request, ()),
            *(_message("Reply", reply, problems) for reply in interaction.responses),
        ]
        return Sides(found, None, _layout(found))
    if isinstance(interaction, MessageInteraction):
        return Sides([_message("Message", interaction.message, problems)], None, "one")
    return Sides([], None, "one")


def target(request: Request) -> str:
    """Return the path with the query, as a person writes it."""
    pairs = [
        name if value is None else f"{name}={quote(value, safe=_READABLE)}"
        for name, values in request.query.items()
        for value in values
    ]
    return shortened(f"{request.path}?{'&'.join(pairs)}" if pairs else request.path, _LONGEST)


def remarks(interaction: Interaction) -> list[str]:
    """Return the comments that the consumer wrote for readers (V4: `comments.text`)."""
    lines = interaction.comments.get("text")
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []


def _request(request: Request, problems: Sequence[Problem]) -> Side:
    rules, generators = request.rules, request.generators
    notes = (
        *_single("method", rules.method, generators),
        *_single("path", rules.path, generators),
        *_named("query", rules.query, generators),
    )
    first = Line(f"{request.method.upper()} {target(request)}", notes=notes, problems=tuple(problems))
    head = [first, *_headers(request.headers, rules.header, generators, ())]
    return Side("Request", head, _body(request, ()))


def _response(response: Response, problems: Sequence[Problem]) -> Side:
    status = "any status" if response.status is None else f"status {response.status}"
    of_status = tuple(problem for problem in problems if problem.attribute == "status")
    of_headers = [problem for problem in problems if problem.attribute == "header"]
    of_body = [problem for problem in problems if problem.attribute in _OF_BODIES]
    generators = response.generators
    first = Line(status, notes=_single("status", response.rules.status, generators), problems=of_status)
    head = [first, *_headers(response.headers, response.rules.header, generators, of_headers)]
    return Side("Response", head, _body(response, of_body))


def _message(title: str, message: Message, problems: Sequence[Problem]) -> Side:
    of_metadata = [problem for problem in problems if problem.attribute == "metadata"]
    metadata = {
        name: value if isinstance(value, str) else compact_json(value).decode()
        for name, value in message.metadata.items()
    }
    head = _fields(metadata, message.rules.metadata, message.generators.get("metadata"), of_metadata)
    return Side(title, head, _body(message, [each for each in problems if each.attribute in _OF_BODIES]))


def _headers(
    headers: Mapping[str, Iterable[str]],
    rules: Rules,
    generators: Mapping[str, Any],
    problems: Sequence[Problem],
) -> list[Line]:
    written = {name: ", ".join(values) for name, values in headers.items()}
    return _fields(written, rules, generators.get("header"), problems)


def _fields(
    fields: Mapping[str, str], rules: Rules, generators: Any, problems: Sequence[Problem]
) -> list[Line]:
    """Return a line for each header, or entry of metadata, and one for each that a rule or problem adds."""
    known = {name.lower() for name in fields}
    lines = []
    for name, value in fields.items():
        notes = [rule_in_words(rule) for place, rule in rules.items() if _is_about(place, name)]
        if isinstance(generators, Mapping):
            notes += [
                generator_in_words(each) for place, each in generators.items() if _is_about(place, name)
            ]
        about = tuple(problem for problem in problems if problem.path.lower() == name.lower())
        lines.append(Line(shortened(f"{name}: {value}", _LONGEST), notes=_short(notes), problems=about))
    lines += [
        Line(f"{place}: …", notes=_short([rule_in_words(rule)]))
        for place, rule in rules.items()
        if not any(_is_about(place, name) for name in fields)
    ]
    lines += [
        Line(f"{problem.path}: …" if problem.path else "…", problems=(problem,))
        for problem in problems
        if problem.path.lower() not in known
    ]
    return lines


def _is_about(place: str, name: str) -> bool:
    """Whether a rule for "name" or "name[0]" is about the name."""
    return place.lower().partition("[")[0] == name.lower()


def _single(name: str, rules: RuleSet | None, generators: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"{name}: {rule_in_words(rules)}"] if rules else []
    generator = generators.get(name)
    if isinstance(generator, Mapping) and generator:
        nested = generator if "type" in generator else next(iter(generator.values()))
        found.append(f"{name}: {generator_in_words(nested)}")
    return _short(found)


def _named(name: str, rules: Rules, generators: Mapping[str, Any]) -> tuple[str, ...]:
    found = [f"{place}: {rule_in_words(rule)}" for place, rule in rules.items()]
    generated = generators.get(name)
    if isinstance(generated, Mapping):
        found += [f"{place}: {generator_in_words(each)}" for place, each in generated.items()]
    return _short(found)


def _short(notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(shortened(note, LONGEST_RULE) for note in notes)


def _body(part: Request | Response | Message, problems: Sequence[Problem]) -> BodyLines:
    generators = part.generators.get("body") or part.generators.get("content")
    known = generators if isinstance(generators, Mapping) else {}
    return body_lines(part.body, Annotations(part.rules.body, known, problems))


def _layout(found: Sequence[Side]) -> str:
    """Return which of two sides needs more room; "even" if neither does."""
    if len(found) != 2:  # noqa: PLR2004 - two sides
        return "one" if len(found) < 2 else "even"  # noqa: PLR2004 - ditto
    needed = [_width(side) for side in found]
    if max(needed) * _WIDE < min(needed):
        return "even"
    return "more-left" if needed[0] > needed[1] else "more-right"


def _width(side: Side) -> int:
    """Return how much a side needs: the lines of its body, and its longest line."""
    lines = [line for part in side.body.parts for line in part.lines]
    longest = max((len(line.text) + sum(map(len, line.notes)) for line in (*side.head, *lines)), default=0)
    return len(lines) * 4 + min(longest, 100)


FILTERS = {"sides": sides, "target": target, "remarks": remarks}
