"""What a name in a question may be the name of."""

from enum import Enum


class Named(Enum):
    """What a name in a question may be the name of: the first of these that has it."""

    VERSION = "version"
    BRANCH = "branch"
    TAG = "tag"
