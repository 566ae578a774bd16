"""The sections of CHANGELOG.md."""

import re
from dataclasses import dataclass

UNRELEASED = "Unreleased"
_HEAD = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>\d{4}-\d\d-\d\d))?$", re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """What is under one heading; *date* is "" for what is not released."""

    name: str
    date: str
    text: str

    @property
    def has_entries(self) -> bool:
        """Whether anything is listed."""
        return bool(re.search(r"^- \S", self.text, re.MULTILINE))


def sections(changelog: str) -> list[Section]:
    """Return the sections, newest first."""
    heads = list(_HEAD.finditer(changelog))
    ends = [head.start() for head in heads[1:]] + [len(changelog)]
    return [
        Section(head["name"], head["date"] or "", changelog[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    ]


def with_version(changelog: str, version: str, date: str) -> str:
    """Return the changelog with all that is unreleased in the section of *version*."""
    head = f"## [{UNRELEASED}]"
    return changelog.replace(head, f"{head}\n\n## [{version}] - {date}", 1)
