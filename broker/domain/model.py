"""The values that all subjects share. An `id` is the storage's own, and never leaves the broker."""

from datetime import datetime
from typing import Literal

from tally.values import dataclass

NoticeType = Literal["debug", "info", "warning", "prompt", "success", "error", "danger"]


@dataclass(frozen=True)
class Notice:
    """A sentence for the person who reads the output of a client."""

    type: NoticeType
    text: str


@dataclass(frozen=True)
class Pacticipant:
    """An application that is a consumer, a provider, or both."""

    id: int
    name: str
    display_name: str
    repository_url: str | None
    repository_name: str | None
    repository_namespace: str | None
    main_branch: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PacticipantDescription:
    """A pacticipant as a user describes it."""

    display_name: str
    repository_url: str | None = None
    repository_name: str | None = None
    repository_namespace: str | None = None
    main_branch: str | None = None


@dataclass(frozen=True)
class BranchMembership:
    """A version's place on a branch; *latest* when it is the head."""

    name: str
    latest: bool


@dataclass(frozen=True)
class Version:
    """One version of a pacticipant. *position* orders versions: higher is later (reference §5.2)."""

    id: int
    pacticipant: str
    number: str
    position: int
    build_url: str | None
    created_at: datetime
    updated_at: datetime
    branches: tuple[BranchMembership, ...] = ()
    """In the order in which the version joined them."""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldVersion:
    """A version that is locked until the end of the transaction, which has created it if it *is_new*."""

    id: int
    number: str
    position: int
    is_new: bool


@dataclass(frozen=True)
class Environment:
    """Where versions are deployed or released to. *contacts* is JSON: a list of {name, details}."""

    id: int
    uuid: str
    name: str
    display_name: str
    production: bool
    contacts: bytes | None
    created_at: datetime
    updated_at: datetime
    protected: bool | None = None
    """None is as *production*."""
    requires_can_i_deploy: bool | None = None
    """Whether only what can-i-deploy says yes to is recorded there; None is no."""

    @property
    def is_protected(self) -> bool:
        """Whether only the teams that it lists may deploy there, once there are accounts."""
        return self.production if self.protected is None else self.protected
