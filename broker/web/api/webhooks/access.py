"""Who sees more of a webhook than readers do."""

from broker.domain.accounts.permissions import Action
from broker.web.context import actor


def may_change_webhooks(team_id: int | None) -> bool:
    """Return whether whoever asks may change the webhooks of a team; without one, those of the broker."""
    return actor().may_for_team(Action.WEBHOOKS, team_id)
