"""Whether a response of a pact is one that an operation may give."""

from tally.comparison.bodies import UNVALIDATABLE, is_json_content, is_there, kind_of, value_of
from tally.comparison.findings import Reason
from tally.comparison.guaranteed import promised, record_never, record_unmet, without_wrong
from tally.comparison.known_headers import RESPONSE_HEADERS
from tally.comparison.leaves import unmet_by_value
from tally.comparison.media_types import accepted, best, read_accept, read_range
from tally.comparison.operations import CompiledOperation
from tally.comparison.places import Parts
from tally.comparison.recording import PactRecorder
from tally.comparison.requests import header_values
from tally.comparison.schemas import CompiledSchema
from tally.comparison.statuses import statuses_of
from tally.comparison.unmet import Unmet
from tally.matching.paths import body_rules, name_rules
from tally.pact import HttpInteraction
from tally.service_contract.model import Header, MediaType, OperationResponse


class ResponseComparison:
    """Compares one response with one operation."""

    def __init__(
        self, operation: CompiledOperation, interaction: HttpInteraction, recorder: PactRecorder
    ) -> None:
        self._operation = operation
        self._request = interaction.request
        self._response = interaction.response
        self._recorder = recorder
        self.declared: OperationResponse | None = None
        """What the document says about the status."""
        self.content: MediaType | None = None
        """The media type of the document that the body was compared with."""

    def compare(self) -> None:
        """Record what the provider does not give."""
        statuses = statuses_of(self._response)
        found = (self._operation.response(status) for status in statuses)
        self.declared = next((response for response in found if response is not None), None)
        pact = ("response", "status")
        pointer = self._operation.operation.pointer
        if self.declared is None:
            known = ", ".join(response.status for response in self._operation.operation.responses) or "none"
            text = f"The operation has no response with the status {statuses[0]}; it has {known}."
            self._recorder.error("response.status.unknown", pact=pact, document=pointer, text=text)
            return
        if self.declared.status.lower() == "default":
            text = f"Of the status {statuses[0]} the document says no more than of all others (default)."
            place = self._operation.response_pointer(self.declared)
            self._recorder.warn("response.status.default", pact=pact, document=place, text=text)
        self._compare_headers(self.declared)
        self._compare_body(self.declared)

    # Headers

    def _compare_headers(self, declared: OperationResponse) -> None:
        known = {header.name.lower(): header for header in declared.headers}
        pointer = self._operation.response_pointer(declared)
        for name, values in self._response.headers.items():
            key, place = name.lower(), ("response", "headers", name)
            if key in known:
                schema = self._operation.header(known[key])
                value = schema.texts.value(_header_value(values, schema.texts.types))
                for problem in schema.problems(value):
                    text = f'In the header "{name}": {problem.text}.'
                    self._recorder.error(
                        "response.header.incompatible", pact=place, document=problem.document, text=text
                    )
                self._promised_header(name, values, known[key], schema)
            elif key not in RESPONSE_HEADERS:
                text = f'The consumer expects the header "{name}", which the document does not declare.'
                self._recorder.error("response.header.unknown", pact=place, document=pointer, text=text)
            elif key != "content-type":
                text = f'The header "{name}" is one of HTTP; the document does not promise it.'
                self._recorder.warn("response.header.undefined", pact=place, document=pointer, text=text)

    def _promised_header(
        self, name: str, values: tuple[str, ...], header: Header, schema: CompiledSchema
    ) -> None:
        """Record whether the provider may leave the header out, or send what the consumer does not take."""
        found = [] if header.required else [(Reason.MAY_BE_ABSENT, "it may be absent")]
        if len(values) == 1:
            rules = name_rules(self._response.rules.header).below(name.lower()).below(0)
            found += unmet_by_value(values[0], rules.rule_set, schema.view.as_text, textual=True)
        record_unmet(
            self._recorder,
            [Unmet((name,), reason, text, schema.view.pointer) for reason, text in found],
            ("response", "headers"),
            code="response.header.not-guaranteed",
            header=name,
        )

    # Body

    def _compare_body(self, declared: OperationResponse) -> None:
        pointer = self._operation.response_pointer(declared)
        said = next(iter(header_values(self._response.headers, "content-type")), None)
        kind = said or self._response.body.content_type
        self.content = self._content(declared, kind)
        there = is_there(self._response.body)
        if kind is not None and self.content is None and (declared.content or there):
            self._wrong_type(declared, kind, pointer)
        if not there:
            return
        if self.content is None:
            if not declared.content:
                text = "The consumer expects a body, and the document describes none."
                self._recorder.error("response.body.unknown", pact=self._body, document=pointer, text=text)
            return
        self._body_value(self.content, kind)

    def _wrong_type(self, declared: OperationResponse, kind: str, pointer: str) -> None:
        names = [name for name in self._response.headers if name.lower() == "content-type"]
        headers = [("response", "headers", name) for name in names]
        place = self._recorder.first(*headers, ("response", "body", "contentType"))
        known = ", ".join(content.content_type for content in declared.content)
        code, what = "response.content-type.incompatible", f"the document has {known}"
        if not known:
            code, what = "response.content-type.unknown", "the document describes no body"
        text = f"The consumer expects the Content-Type {kind}, and {what}."
        self._recorder.error(code, pact=place, document=pointer, text=text)

    def _content(self, declared: OperationResponse, kind: str | None) -> MediaType | None:
        if kind is not None:
            return best(declared.content, read_range(kind))
        accept = header_values(self._request.headers, "accept")
        if accept and (found := accepted(declared.content, read_accept(accept))):
            return found
        guessed = best(declared.content, read_range(kind_of(self._response.body)))
        return guessed or next(iter(declared.content), None)

    @property
    def _body(self) -> Parts:
        return self._recorder.body(("response",), "body")

    def _body_value(self, content: MediaType, said: str | None) -> None:
        body = self._response.body
        kind = kind_of(body, said or (content.content_type if "*" not in content.content_type else None))
        schema = self._operation.body(content)
        value = value_of(body, kind, content, schema)
        if value is UNVALIDATABLE:
            what = "what should be JSON is none" if is_json_content(kind) else f"content of the type {kind}"
            text = f"The body of the response cannot be compared with a schema: {what}."
            self._recorder.warn(
                "response.body.unvalidatable", pact=self._body, document=schema.start, text=text
            )
            return
        rules = body_rules(self._response.rules.body)
        problems = tuple(schema.parts[not rules.is_empty].problems(value))
        for problem in problems:
            self._recorder.error(
                "response.body.incompatible",
                pact=(*self._body, *problem.parts),
                document=problem.document,
                text=f"In the body of the response: {problem.text}.",
            )
        if value is body.value and not isinstance(value, str):
            wrong = [problem.parts for problem in problems]
            found = without_wrong(promised(value, self._response.rules.body, schema), wrong)
            found = record_never(self._recorder, found, self._body, code="response.body.incompatible")
            record_unmet(self._recorder, found, self._body, code="response.property.not-guaranteed")


def _header_value(values: tuple[str, ...], types: frozenset[str]) -> object:
    if "array" in types and "string" not in types:
        return [part.strip() for value in values for part in value.split(",")]
    return ", ".join(values)
