"""What changed in an operation that is asked over HTTP."""

from tally.compatibility.bodies import compare_content
from tally.compatibility.collecting import Collector, Written
from tally.compatibility.model import Flow
from tally.compatibility.promises import compare_promises
from tally.json_schema.answers import Answer
from tally.json_schema.containment import overlap
from tally.service_contract.model import Header, HttpOperation, OperationResponse, Parameter, RequestBody
from tally.usage.places import Part, Place

_PARTS = {"path": Part.PATH, "query": Part.QUERY, "header": Part.HEADER, "cookie": Part.COOKIE}
_RECEIVED, _SENT = Flow.RECEIVED, Flow.SENT


def compare_http(found: Collector, old: HttpOperation, new: HttpOperation) -> None:
    """Add what changed from one operation to the other to *found*."""
    _Requests(found, old, new).compare()
    _Responses(found, old, new).compare()
    compare_promises(found, old, new)


class _Requests:
    def __init__(self, found: Collector, old: HttpOperation, new: HttpOperation) -> None:
        self._found = found
        self._old = old
        self._new = new
        self._operation = Place(old.title)

    def compare(self) -> None:
        before, after = _by_name(self._old), _by_name(self._new)
        gone, come = before.keys() - after.keys(), after.keys() - before.keys()
        moved = {name for _, name in gone} & {name for _, name in come}
        for key, parameter in before.items():
            if key in after:
                self._parameter(parameter, after[key])
            elif key[1] not in moved:
                self._removed(parameter)
        for key, parameter in after.items():
            if key not in before and key[1] in moved:
                self._moved(next(before[each] for each in gone if each[1] == key[1]), parameter)
            elif key not in before:
                self._added(parameter)
        self._body(self._old.request, self._new.request)

    def _place(self, parameter: Parameter) -> Place:
        part = _PARTS.get(parameter.location)
        return Place(self._old.title, part, name=parameter.name) if part else self._operation

    def _removed(self, parameter: Parameter) -> None:
        self._found.note(
            "PARAMETER_REMOVED",
            _RECEIVED,
            f"the {parameter.location} parameter {parameter.name!r} was removed: what is sent is ignored",
            pointers=(parameter.pointer, self._new.pointer),
            place=self._place(parameter),
            breaks=False,
        )

    def _moved(self, old: Parameter, new: Parameter) -> None:
        self._found.note(
            "PARAMETER_LOCATION_CHANGED",
            _RECEIVED,
            f"the parameter {new.name!r} was in the {old.location} and is in the {new.location}",
            pointers=(old.pointer, new.pointer),
            place=self._operation if new.required else self._place(old),
            breaks=True,
        )

    def _added(self, parameter: Parameter) -> None:
        kind = "REQUIRED" if parameter.required else "OPTIONAL"
        self._found.note(
            f"{kind}_PARAMETER_ADDED",
            _RECEIVED,
            f"the {kind.lower()} {parameter.location} parameter {parameter.name!r} was added",
            pointers=(self._old.pointer, parameter.pointer),
            place=self._operation,
            breaks=parameter.required and self._found.breaks_when_removed(_RECEIVED),
        )

    def _parameter(self, old: Parameter, new: Parameter) -> None:
        pointers, place = (old.pointer, new.pointer), self._place(old)
        if old.required != new.required:
            kind = "REQUIRED" if new.required else "OPTIONAL"
            self._found.note(
                f"PARAMETER_BECAME_{kind}",
                _RECEIVED,
                f"the {new.location} parameter {new.name!r} is {kind.lower()} now",
                pointers=pointers,
                place=self._operation if new.required else place,
                breaks=(new.required and self._found.breaks_when_removed(_RECEIVED))
                or (not new.required and self._found.breaks_when_added(_RECEIVED)),
            )
        if old.may_be_empty and not new.may_be_empty and overlap(new.schema, {"const": ""}) is not Answer.YES:
            self._found.note(
                "PARAMETER_EMPTY_VALUE_REMOVED",
                _RECEIVED,
                f"the query parameter {new.name!r} may not be empty any more",
                pointers=pointers,
                place=place,
                breaks=self._found.breaks_when_removed(_RECEIVED),
            )
        if _is_written_otherwise(old, new):
            self._found.note(
                "PARAMETER_STYLE_CHANGED",
                _RECEIVED,
                f"the {new.location} parameter {new.name!r} is written in another way: "
                f"{_style(new)}, and was {_style(old)}",
                pointers=pointers,
                place=place,
                breaks=True,
            )
        self._found.schemas(
            Written(old.schema, old.schema_pointer),
            Written(new.schema, new.schema_pointer),
            _RECEIVED,
            lambda _: place,
            is_text=new.style != "json",
        )

    def _body(self, old: RequestBody | None, new: RequestBody | None) -> None:
        place = Place(self._old.title, Part.REQUEST, path=())
        if old is not None and new is not None:
            compare_content(
                self._found, (old.content, new.content), (old.pointer, new.pointer), _RECEIVED, place
            )
        if (old is not None and old.required) == (new is not None and new.required) and bool(old) == bool(
            new
        ):
            return
        required = new is not None and new.required
        if old is None:
            rule, text = "REQUEST_BODY_ADDED", f"a {'required' if required else 'optional'} body was added"
        elif new is None:
            rule, text = "REQUEST_BODY_REMOVED", "the body was removed"
        else:
            rule = f"REQUEST_BODY_BECAME_{'REQUIRED' if required else 'OPTIONAL'}"
            text = f"the body is {'required' if required else 'optional'} now"
        tighter = new is None or required
        self._found.note(
            rule,
            _RECEIVED,
            text,
            pointers=(old.pointer if old else self._old.pointer, new.pointer if new else self._new.pointer),
            place=self._operation if required else place,
            breaks=(self._found.breaks_when_removed if tighter else self._found.breaks_when_added)(_RECEIVED),
        )


class _Responses:
    def __init__(self, found: Collector, old: HttpOperation, new: HttpOperation) -> None:
        self._found = found
        self._old = old
        self._new = new

    def compare(self) -> None:
        before = {response.status.upper(): response for response in self._old.responses}
        after = {response.status.upper(): response for response in self._new.responses}
        for status, response in before.items():
            if status in after:
                self._response(response, after[status])
            elif not self._is_covered(status, self._new):
                self._removed(response)
        for status, response in after.items():
            if status not in before:
                self._added(response)

    def _is_covered(self, status: str, operation: HttpOperation) -> bool:
        return operation.response(status) is not None

    def _removed(self, response: OperationResponse) -> None:
        self._found.note(
            "STATUS_REMOVED",
            _SENT,
            f"the status {response.status} is not documented any more",
            pointers=(response.pointer, self._new.pointer),
            place=Place(self._old.title, Part.RESPONSE, response.status),
            breaks=self._found.breaks_when_removed(_SENT),
        )

    def _added(self, response: OperationResponse) -> None:
        range_ = _wider(self._old, response.status)
        text = f"the status {response.status} was added"
        self._found.note(
            "STATUS_ADDED",
            _SENT,
            f"{text}, which {range_.status} allowed" if range_ else f"{text}, which callers do not know",
            pointers=(range_.pointer if range_ else self._old.pointer, response.pointer),
            place=Place(self._old.title),
            breaks=range_ is None and bool(self._old.responses) and self._found.breaks_when_added(_SENT),
        )
        if range_ is not None:
            self._response(range_, response)

    def _response(self, old: OperationResponse, new: OperationResponse) -> None:
        place = Place(self._old.title, Part.RESPONSE, old.status, path=())
        compare_content(self._found, (old.content, new.content), (old.pointer, new.pointer), _SENT, place)
        before = {header.name.lower(): header for header in old.headers}
        after = {header.name.lower(): header for header in new.headers}
        for name, header in before.items():
            self._header(old, new, header, after.get(name))
        for name, header in after.items():
            if name not in before:
                self._found.note(
                    "RESPONSE_HEADER_ADDED",
                    _SENT,
                    f"the header {header.name} was added",
                    pointers=(old.pointer, header.pointer),
                    place=Place(self._old.title, Part.HEADER, old.status, header.name),
                    breaks=False,
                )

    def _header(
        self, response: OperationResponse, later: OperationResponse, old: Header, new: Header | None
    ) -> None:
        place = Place(self._old.title, Part.HEADER, response.status, old.name)
        if new is None or old.required != new.required:
            how, words = "REMOVED", "was removed"
            if new is not None:
                how = f"BECAME_{'REQUIRED' if new.required else 'OPTIONAL'}"
                words = "is always there now" if new.required else "may be absent now"
            self._found.note(
                f"RESPONSE_HEADER_{how}",
                _SENT,
                f"the header {old.name} {words}",
                pointers=(old.pointer, new.pointer if new else later.pointer),
                place=place,
                breaks=old.required and self._found.breaks_when_added(_SENT),
            )
        if new is not None:
            self._found.schemas(
                Written(old.schema, old.schema_pointer),
                Written(new.schema, new.schema_pointer),
                _SENT,
                lambda _: place,
                is_text=True,
            )


def _wider(operation: HttpOperation, status: str) -> OperationResponse | None:
    """Return the range of statuses that *status* was in already."""
    said: dict[str, OperationResponse] = {each.status.upper(): each for each in operation.responses}
    found = operation.response(status)
    if found is None and not status.isdigit():
        found = said.get("DEFAULT")
    return found


def _by_name(operation: HttpOperation) -> dict[tuple[str, str], Parameter]:
    """Return the parameters by place and name: those in the path by their position, as names are not sent."""
    found = {}
    for parameter in operation.parameters:
        name = parameter.name
        if parameter.location == "path":
            name = str(operation.path.split(f"{{{name}}}")[0].count("{"))
        elif parameter.location == "header":
            name = name.lower()
        found[parameter.location, name] = parameter
    return found


def _is_written_otherwise(old: Parameter, new: Parameter) -> bool:
    """Whether values go over the wire in another way; for single values, few styles differ."""
    if (old.style, old.explode) == (new.style, new.explode):
        return False
    if old.style != new.style and ("json" in {old.style, new.style} or old.location == "path"):
        return True
    return overlap(old.schema, _SEVERAL) is not Answer.NO


_SEVERAL = {"type": ["array", "object"]}


def _style(parameter: Parameter) -> str:
    return f"{parameter.style}, {'' if parameter.explode else 'not '}exploded"
