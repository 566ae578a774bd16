"""The teams of applications, from their labels such as `team:selling`."""

from collections.abc import Mapping, Sequence

from broker.domain.errors import NotFoundError
from broker.domain.names import did_you_mean

Teams = Sequence[tuple[int, str]]
"""The ids of applications with the names of their teams, by name."""


def members(teams: Teams, name: str) -> frozenset[int]:
    """Return the ids of the applications of a team. Raises NotFoundError when it has none."""
    found = frozenset(number for number, team in teams if team == name)
    if not found:
        known = {team for _, team in teams}
        raise NotFoundError(f"No application has the label 'team:{name}'{did_you_mean(name, known)}")
    return found


def team_of(teams: Teams) -> Mapping[int, str]:
    """Return the team of each application that has one, by its id; of several, the first by name."""
    return dict(reversed(teams))
