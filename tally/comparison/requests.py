"""Whether a request of a pact is one that an operation takes."""

from typing import Any, NamedTuple

from tally.comparison.bodies import UNVALIDATABLE, is_json_content, is_there, kind_of, value_of
from tally.comparison.findings import Question, Reason, Severity
from tally.comparison.known_headers import REQUEST_HEADERS
from tally.comparison.media_types import accepted, best, read_accept, read_range
from tally.comparison.operations import CompiledOperation
from tally.comparison.places import Parts
from tally.comparison.recording import PactRecorder
from tally.comparison.schemas import CompiledSchema
from tally.comparison.security import Shown, names_in, shown, words
from tally.comparison.styles import cookies_of, in_one_text, in_query, names_in_query
from tally.comparison.wider import refused, refused_text
from tally.matching.paths import body_rules, name_rules
from tally.pact import HttpInteraction, Presence, RuleSet
from tally.service_contract.model import MediaType, Parameter

PATH_UNKNOWN = "request.path-or-method.unknown"
_ABSENT: Any = object()


class _Input(NamedTuple):
    """A part of a request: the code of what is wrong with it, its place below the interaction, its name."""

    code: str
    pact: Parts
    what: str


def header_values(headers: dict[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
    """Return the values of a header, whatever the case of its name, which is given in lower case."""
    return next((values for key, values in headers.items() if key.lower() == name), ())


class RequestComparison:
    """Compares one request with one operation.

    *lenient* records nothing that makes the request a wrong one: that is what it is for, when the response is
    an error. *is_wrong* then says whether it is one.
    """

    def __init__(
        self,
        operation: CompiledOperation,
        interaction: HttpInteraction,
        recorder: PactRecorder,
        *,
        lenient: bool,
    ) -> None:
        self._operation = operation
        self._pointer = operation.operation.pointer
        self._request = interaction.request
        self._recorder = recorder
        self._lenient = lenient
        self._headers = {name.lower(): (name, values) for name, values in self._request.headers.items()}
        self.is_wrong = False
        self.content: MediaType | None = None
        """The media type of the document that the body was compared with."""

    def compare(self, path_parameters: dict[str, str]) -> None:
        """Record what does not fit."""
        self.compare_path(path_parameters)
        self._compare_security()
        self._compare_query()
        self._compare_headers()
        self._compare_cookies()
        self._compare_accept()
        self._compare_body()

    def _wrong(self, code: str, *, pact: Parts, document: str, text: str) -> None:
        self.is_wrong = True
        if not self._lenient:
            self._recorder.error(code, pact=pact, document=document, text=text)

    def _value(self, value: Any, schema: CompiledSchema, place: _Input) -> None:
        for problem in schema.problems(value):
            pact = (*place.pact, *problem.parts)
            self._wrong(
                place.code, pact=pact, document=problem.document, text=f"In {place.what}: {problem.text}."
            )

    # Parameters

    def _parameter(self, parameter: Parameter, value: Any, place: _Input) -> None:
        if value is not _ABSENT:
            self._value(value, self._operation.parameter(parameter), place)
        elif parameter.required:
            text = f"{place.what.capitalize()} is required, and the request does not have it."
            self._wrong(place.code, pact=place.pact, document=parameter.pointer, text=text)

    def compare_path(self, texts: dict[str, str]) -> None:
        """Record which of the texts in the path are none that their parameters may have."""
        for parameter in self._operation.parameters["path"]:
            if parameter.name in texts:
                reader = self._operation.parameter(parameter).texts
                value = reader.value(in_one_text(parameter, texts[parameter.name], reader.types))
                what = f'the path parameter "{parameter.name}"'
                self._parameter(parameter, value, _Input(PATH_UNKNOWN, ("request", "path"), what))

    def _compare_query(self) -> None:
        query = self._request.query
        known = names_in(self._operation.operation.security, "query")
        rules = name_rules(self._request.rules.query)
        for parameter in self._operation.parameters["query"]:
            schema = self._operation.parameter(parameter)
            types, definitions = schema.texts.types, schema.definitions
            known |= names_in_query(parameter, query, types, definitions)
            written = in_query(parameter, query, types, definitions)
            is_absent = written is None and parameter.name not in query
            if parameter.may_be_empty and not is_absent and not any(query.get(parameter.name, ("?",))):
                continue
            what = f'the query parameter "{parameter.name}"'
            place = _Input("request.query.incompatible", ("request", "query", parameter.name), what)
            self._parameter(parameter, _ABSENT if is_absent else schema.texts.value(written), place)
            self._wider_text(parameter, rules.below(parameter.name).below(0).rule_set, place)
        for name in query:
            if name not in known:
                self._unknown("query", name, f'a query parameter "{name}"')

    def _compare_headers(self) -> None:
        known = REQUEST_HEADERS | names_in(self._operation.operation.security, "header")
        rules = name_rules(self._request.rules.header)
        for parameter in self._operation.parameters["header"]:
            name = parameter.name.lower()
            known |= {name}
            written, values = self._headers.get(name, (parameter.name, ()))
            reader = self._operation.parameter(parameter).texts
            value = (
                reader.value(in_one_text(parameter, ", ".join(values), reader.types)) if values else _ABSENT
            )
            what = f'the header "{parameter.name}"'
            place = _Input("request.header.incompatible", ("request", "headers", written), what)
            self._parameter(parameter, value, place)
            self._wider_text(parameter, rules.below(name).below(0).rule_set, place)
        for name, (written, _) in self._headers.items():
            if name not in known:
                self._unknown("header", written, f'a header "{written}"')

    def _compare_cookies(self) -> None:
        declared = self._operation.parameters["cookie"]
        if not declared:
            return
        written, headers = self._headers.get("cookie", ("Cookie", ()))
        cookies = cookies_of(headers)
        place = ("request", "headers", written)
        for parameter in declared:
            schema = self._operation.parameter(parameter)
            found = in_query(parameter, cookies, schema.texts.types, schema.definitions)
            is_absent = found is None and parameter.name not in cookies
            self._parameter(
                parameter,
                _ABSENT if is_absent else schema.texts.value(found),
                _Input("request.cookie.incompatible", place, f'the cookie "{parameter.name}"'),
            )

    def _unknown(self, part: str, name: str, what: str) -> None:
        if self._lenient:
            return
        place = ("request", "headers" if part == "header" else part, name)
        text = f"The request has {what}, which the document does not declare for this operation."
        self._recorder.warn(f"request.{part}.unknown", pact=place, document=self._pointer, text=text)

    # Who asks, and for what

    def _compare_security(self) -> None:
        security = self._operation.operation.security
        if not security:
            return
        answer = shown(security, self._request)
        if answer is Shown.NO:
            text = (
                f"The operation asks for credentials ({words(security)}), and the request has none of them."
            )
            self._wrong("request.authorization.missing", pact=("request",), document=self._pointer, text=text)
        elif answer is Shown.UNKNOWABLE and not self._lenient:
            text = f"The operation asks for credentials ({words(security)}), which a request need not show."
            self._recorder.inform(
                "request.authorization.unknown", pact=("request",), document=self._pointer, text=text
            )

    def _compare_accept(self) -> None:
        written, values = self._headers.get("accept", ("Accept", ()))
        if not values:
            return
        place = ("request", "headers", written)
        contents = self._operation.contents
        if not contents:
            text = "The request has an Accept header, and the document says of no response what it holds."
            self._recorder.warn("request.accept.unknown", pact=place, document=self._pointer, text=text)
        elif accepted(contents, read_accept(values)) is None:
            declared = ", ".join(content.content_type for content in contents)
            text = f"The request accepts {', '.join(values)}, and the responses are {declared}."
            self._wrong("request.accept.incompatible", pact=place, document=self._pointer, text=text)

    # What is sent

    def _compare_body(self) -> None:
        declared = self._operation.operation.request
        contents = declared.content if declared else ()
        if not contents:
            self._undeclared_body()
            return
        pointer = self._operation.request_pointer
        body = self._request.body
        self.content = self._declared_content(contents, pointer)
        if is_there(body):
            if self.content is not None:
                self._body_value(self.content)
        elif declared and declared.required and not self._is_null(contents):
            text = "The operation needs a body, and the request has none."
            self._wrong("request.body.incompatible", pact=("request",), document=pointer, text=text)

    def _is_null(self, contents: tuple[MediaType, ...]) -> bool:
        """Whether the body is null, and the operation takes that."""
        content = self.content or contents[0]
        is_null = self._request.body.presence is Presence.NULL
        return is_null and self._operation.body(content).whole.accepts(None)

    def _undeclared_body(self) -> None:
        written, values = self._headers.get("content-type", ("Content-Type", ()))
        if values:
            text = f"The request has the Content-Type {values[0]}, and the operation takes no body."
            self._recorder.warn(
                "request.content-type.unknown",
                pact=("request", "headers", written),
                document=self._pointer,
                text=text,
            )
        if is_there(self._request.body):
            text = "The request has a body, and the operation takes none."
            self._recorder.warn(
                "request.body.unknown", pact=("request", "body"), document=self._pointer, text=text
            )

    def _declared_content(self, contents: tuple[MediaType, ...], pointer: str) -> MediaType | None:
        written, values = self._headers.get("content-type", ("Content-Type", ()))
        kind = values[0] if values else self._request.body.content_type
        if kind is None:
            if not is_there(self._request.body):
                return None
            text = "The request has a body, and no Content-Type that says what it is."
            self._recorder.warn(
                "request.content-type.missing", pact=("request",), document=pointer, text=text
            )
            return best(contents, read_range(kind_of(self._request.body))) or contents[0]
        found = best(contents, read_range(kind))
        if found is None:
            declared = ", ".join(content.content_type for content in contents)
            text = f"The request has the Content-Type {kind}, and the operation takes {declared}."
            place = self._recorder.first(("request", "headers", written), ("request", "body", "contentType"))
            self._wrong(
                "request.content-type.incompatible",
                pact=place,
                document=pointer,
                text=text,
            )
        return found

    def _body_value(self, content: MediaType) -> None:
        body = self._request.body
        kind = kind_of(body, next(iter(header_values(self._request.headers, "content-type")), None))
        schema = self._operation.body(content)
        pact = self._recorder.body(("request",), "body")
        value = value_of(body, kind, content, schema)
        if value is UNVALIDATABLE:
            what = "what should be JSON is none" if is_json_content(kind) else f"content of the type {kind}"
            text = f"The body of the request cannot be compared with a schema: {what}."
            self._recorder.warn("request.body.unvalidatable", pact=pact, document=schema.start, text=text)
            return
        self._value(value, schema, _Input("request.body.incompatible", pact, "the body of the request"))
        if value is body.value and not isinstance(value, str) and not self._lenient:
            self._wider_body(value, schema, pact)

    def _wider_body(self, value: Any, schema: CompiledSchema, pact: Parts) -> None:
        """Record whether the consumer may send what the provider refuses."""
        if not schema.whole.accepts(value):
            return
        found = refused(value, body_rules(self._request.rules.body), schema)
        if found is not None:
            self._wider(
                "request.body.wider-than-contract",
                found.reason,
                pact=(*pact, *found.problem.parts),
                document=found.problem.document,
                text=f"The consumer's rules allow a body that the provider refuses: {found.problem.text}.",
            )

    def _wider(self, code: str, reason: Reason, *, pact: Parts, document: str, text: str) -> None:
        self._recorder.add(
            code,
            Severity.WARNING,
            pact=pact,
            document=document,
            text=text,
            question=Question.GUARANTEED,
            reason=reason,
        )

    def _wider_text(self, parameter: Parameter, rules: RuleSet | None, place: _Input) -> None:
        """Record whether the rules of a parameter allow a text that its schema refuses."""
        if rules is None or self._lenient:
            return
        schema = self._operation.parameter(parameter)
        text = refused_text(rules, schema.texts)
        if text is not None:
            self._wider(
                place.code.replace("incompatible", "wider-than-contract"),
                Reason.PATTERN,
                pact=place.pact,
                document=schema.start,
                text=f"The consumer's rules allow {text} as {place.what}, which the provider refuses.",
            )
