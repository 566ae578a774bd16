"""What the audit log calls the action of a form: as the view of the API that does the same.

Whoever looks for an action finds what was done by either. Forms that are not here do what no view of the API
does: they log in and out, end sessions, and set one's own password.
"""

from collections.abc import Mapping
from typing import Final

ACTIONS: Final[Mapping[str, str]] = {
    "delete-pacticipant": "pacticipants.delete",
    "delete-version": "versions.delete",
    "delete-branch": "branches.delete",
    "delete-pact": "pacts.delete",
    "delete-integration": "integrations.delete",
    "delete-environment": "environments.delete",
    "delete-webhook": "webhooks.delete",
    "delete-secret": "secrets.delete",
    "edit-pacticipant": "pacticipants.update",
    "edit-service-contract-policy": "service_contract_policies.change",
    "new-environment": "environments.create",
    "edit-environment": "environments.replace",
    "new-webhook": "webhooks.create",
    "edit-webhook": "webhooks.replace",
    "test-webhook": "webhooks.execute",
    "redeliver-triggered-webhook": "triggered_webhooks.redeliver",
    "new-secret": "secrets.put",
    "new-gate": "gates.create",
    "edit-gate": "gates.replace",
    "delete-gate": "gates.delete",
    "new-account": "accounts.create",
    "edit-account": "accounts.change",
    "disable-account": "accounts.change",
    "enable-account": "accounts.change",
    "new-log-in-link": "accounts.make_log_in_link",
    "new-token": "tokens.create",
    "new-account-token": "tokens.create_for_account",
    "revoke-token": "tokens.revoke",
    "new-trust": "trusts.create",
    "remove-trust": "trusts.delete",
    "new-team": "teams.create",
    "edit-team": "teams.change",
    "delete-team": "teams.delete",
    "add-team-member": "teams.put_member",
    "edit-team-member": "teams.put_member",
    "own-pacticipant": "teams.own",
    "disown-pacticipant": "teams.disown",
    "new-service-account": "teams.create_service_account",
}
"""By the route of the form."""
