"""The form that asks whether a version can be deployed, and the addresses that it leads to.

The page takes the parameters of the API, and four more: `branch` or `tag` in place of a version, and
`toBranch` or `mainBranch` in place of an environment or a tag. What is filled in becomes such an address, so
that every answer has one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.matrix import LatestBy
from broker.domain.decisions.named import Named
from broker.domain.decisions.selectors import Selector, Target
from broker.web.api.decisions import as_of, can_i_deploy, matrix_query
from broker.web.context import now
from broker.web.parsing import Fields
from broker.web.query import Query
from tally.values import dataclass

_MORE = ("branch", "tag", "toBranch", "mainBranch")
PARAMETERS = (*can_i_deploy.PARAMETERS, *_MORE, "format")
_MAIN, _TAG, _BRANCH = "main", "tag", "branch"
_IN = "in:"
_WHAT = {"pacticipant", *(kind.value for kind in Named)}
_PLACES = {"to", "toBranch"}


@dataclass(frozen=True)
class DecisionForm:
    """What the form shows: *which* version, branch or tag goes *where*, and what is wrong with each field.

    *where* is "in:" and the name of an environment, or one of "main", "tag" and "branch": *name* is then its
    name. *moment* is in UTC. *kept* are parameters that the form has no field for.
    """

    pacticipant: str = ""
    which: str = ""
    where: str = ""
    name: str = ""
    moment: str = ""
    kept: Sequence[tuple[str, str]] = ()
    environments: Sequence[str] = ()
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def destinations(self) -> list[tuple[str, str]]:
        """The values and texts to choose from."""
        return [
            *((_IN + name, name) for name in self.environments),
            (_MAIN, "main branches"),
            (_TAG, "tag …"),
            (_BRANCH, "branch …"),
        ]

    @property
    def place(self) -> str:
        """Where the version is to go, in words."""
        if self.where.startswith(_IN):
            return self.where.removeprefix(_IN)
        if self.where == _MAIN:
            return "the main branches"
        return f"{self.where} {self.name}" if self.where else ""

    @property
    def unknown(self) -> str:
        """The name of an environment that does not exist."""
        name = self.where.removeprefix(_IN) if self.where.startswith(_IN) else ""
        return "" if name in self.environments else name

    def error(self, *names: str) -> str:
        """Return what is wrong with the parameters of these names."""
        return ". ".join(message for name in names for message in self.errors.get(name, ()))


def is_filled_in(asked: Query) -> bool:
    """Return whether the form was sent, and the address is to be made of its fields."""
    return "which" in asked.lists


def is_begun(asked: Query) -> bool:
    """Return whether nothing is asked yet, or no more is said than what is to be deployed, as by a link."""
    said = {*asked.lists, *asked.objects}
    return said <= _WHAT or not {*asked.values, *asked.objects} - {"format"}


def address(asked: Query, query_string: str, kind: Named) -> str:
    """Return the query string of the question that was filled in; *kind* is what its version is."""
    values = asked.values
    pairs = [("pacticipant", values.get("pacticipant")), (kind.value, values.get("which"))]
    where, name = values.get("where", ""), values.get("name")
    if where.startswith(_IN):
        pairs.append(("environment", where.removeprefix(_IN)))
    elif where == _MAIN:
        pairs.append(("mainBranch", "true"))
    else:
        pairs.append(("to" if where == _TAG else "toBranch", name))
    pairs += _ignored(query_string)
    if moment := values.get("moment"):
        pairs.append(("at", with_zone(moment)))
    found = [(key, (value or "").strip()) for key, value in pairs]
    # A place without its name stays: without it, the question would only be begun.
    return urlencode([(key, value) for key, value in found if value or key in _PLACES])


def read(asked: Query) -> Question:
    """Return the question. Raises ValidationError or MatrixSelectorError, which names the parameter."""
    if not {*_MORE} & asked.values.keys():
        return can_i_deploy.read(asked)
    matrix_query.check_names(asked, PARAMETERS)
    fields = Fields(asked.values)
    pacticipant = fields.text("pacticipant", required=True) or ""
    given = {kind: value for kind in Named if (value := fields.text(kind.value)) is not None}
    if len(given) != 1:
        fields.refuse("version", "must be one of: a version, a branch, a tag")
    target = _target(fields)
    fields.done()
    return Question(
        selectors=(_selector(pacticipant, given),),
        target=target,
        ignored=matrix_query.ignored(asked),
        latest_by=LatestBy.CVPV if target.environment else LatestBy.CVP,
        at=as_of.at(asked, now()),
    )


def form(
    asked: Query, query_string: str, environments: Sequence[str], errors: Mapping[str, Sequence[str]]
) -> DecisionForm:
    """Return the form as it was filled in."""
    values = asked.values
    where, name = "", ""
    if environment := values.get("environment"):
        where = _IN + environment
    elif "mainBranch" in values:
        where = _MAIN
    elif "toBranch" in values or "to" in values:
        where = _BRANCH if "toBranch" in values else _TAG
        name = values.get("toBranch") or values.get("to") or ""
    return DecisionForm(
        values.get("pacticipant", ""),
        next((values[kind.value] for kind in Named if kind.value in values), ""),
        where,
        name,
        moment_of(values.get("at", "")),
        _ignored(query_string),
        environments,
        errors,
    )


def without_ignored(query_string: str) -> str:
    """Return the query string without what is to be ignored."""
    return urlencode([(key, value) for key, value in parse_qsl(query_string) if not _is_ignored(key)])


def _selector(pacticipant: str, given: Mapping[Named, str]) -> Selector:
    branch, tag = given.get(Named.BRANCH), given.get(Named.TAG)
    return Selector(
        pacticipant,
        version=given.get(Named.VERSION),
        branch=branch,
        tag=tag,
        latest=branch is not None or tag is not None,
    )


def _target(fields: Fields) -> Target:
    environment, tag = fields.text("environment"), fields.text("to")
    branch, main = fields.text("toBranch"), fields.text("mainBranch")
    if main not in {None, "true"}:
        fields.refuse("mainBranch", "must be true, or left out")
    if [environment, tag, branch, main].count(None) != 3:  # noqa: PLR2004 - all but one of four
        fields.refuse("", "must specify one of: an environment, a tag, a branch, the main branches")
    return Target(
        tag=tag,
        environment=environment,
        branch=branch,
        main_branch=main is not None,
        latest=environment is None,
    )


def _ignored(query_string: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query_string)
    return [(key, value) for key, value in pairs if _is_ignored(key)]


def _is_ignored(key: str) -> bool:
    return key == "ignore" or key.startswith("ignore[")


def with_zone(moment: str) -> str:
    """Return the moment that a field of a form has, which is in UTC, as the API reads it."""
    try:
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    except ValueError:
        return moment


def moment_of(at: str) -> str:
    """Return the moment as a field of a form has it, in UTC."""
    moment = as_of.parse(at.strip()) if at else None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if moment and moment.tzinfo else ""
