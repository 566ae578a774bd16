"""What the broker refuses, and why.

Refusal
├── NotFoundError                 404
├── ForbiddenError                403
│   └── PermissionDeniedError     403, for who is known
├── ValidationError               400, by field
│   └── PathError                 400, by variable of the path
├── MatrixSelectorError           400, a list of sentences
├── StateRuleError                422, by field
├── ContentConflictError          409, one sentence
├── NotDeployableError            409, several sentences
├── SimilarNamesError             409, plain text
└── ContractsConflictError        409, notices
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from broker.domain.model import Notice


class Refusal(Exception):  # noqa: N818 - it is the base of errors that say what is wrong in their own names
    """Base class: a request that the broker cannot or will not carry out."""


class NotFoundError(Refusal):
    """There is nothing of that name; the text says what was looked for."""


class ForbiddenError(Refusal):
    """The broker does not do this: it is not set up for it, or somebody else's page asks."""


class PermissionDeniedError(ForbiddenError):
    """Who asks is known, and may not do this; the text names the permission and who grants it."""


class ValidationError(Refusal):
    """The request breaks rules: sentences by field, such as {"pacticipantName": ["is missing"]}."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            "; ".join(f"{field} {message}" for field, texts in errors.items() for message in texts)
        )
        self.errors = {field: list(messages) for field, messages in errors.items()}


class PathError(ValidationError):
    """A part of the path breaks rules: sentences by variable, such as {"pacticipant": ["cannot be …"]}."""


class MatrixSelectorError(Refusal):
    """The selectors of a matrix query break rules (reference §1.6: errors are a list).

    *field* is the parameter that they came from, where only one is concerned.
    """

    def __init__(self, errors: Sequence[str], field: str = "") -> None:
        super().__init__("; ".join(errors))
        self.errors = list(errors)
        self.field = field


class StateRuleError(ValidationError):
    """The body is well-formed, but asks for a change of state that is not allowed."""


class ContentConflictError(Refusal):
    """The consumer version already has a pact with other content.

    *explain* is called when the error is shown: a diff takes time, and until the transaction has ended, other
    publications wait for it.
    """

    def __init__(self, explain: Callable[[], str]) -> None:
        super().__init__()
        self._explain = cache(explain)

    def __str__(self) -> str:
        """Return what conflicts."""
        return self._explain()


class NotDeployableError(Refusal):
    """can-i-deploy does not say yes where an environment requires it; *sentences* say why, and what to do."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = list(sentences)


class SimilarNamesError(Refusal):
    """The name of a new pacticipant resembles an existing one (reference §5.9)."""


class ContractsConflictError(Refusal):
    """Contracts in a publication conflict with what is stored (reference §4.7).

    *explain* is called when the error is shown: a diff takes time, and until the transaction has ended, other
    publications wait for it.
    """

    def __init__(self, explain: Callable[[], Sequence[Notice]]) -> None:
        super().__init__()
        self._explain = cache(explain)

    @property
    def notices(self) -> Sequence[Notice]:
        """A notice for each conflict."""
        return self._explain()

    def __str__(self) -> str:
        """Return what conflicts."""
        return "\n".join(notice.text for notice in self.notices)
