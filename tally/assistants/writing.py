"""The tools that write to the broker. They are slow to load, and most servers do not offer them."""

from collections.abc import Sequence

from tally.assistants.environments.deployments import record_deployment, record_release
from tally.assistants.publishing.publishing import publish_pacts, publish_service_contract
from tally.assistants.tool import Tool
from tally.assistants.webhooks.webhooks import create_webhook

WRITING: Sequence[Tool] = (
    Tool(publish_pacts, writes=True, local=True),
    Tool(publish_service_contract, writes=True, local=True),
    Tool(record_deployment, writes=True),
    Tool(record_release, writes=True),
    Tool(create_webhook, writes=True),
)
"""None deletes or overwrites. Undeployments and ends of support are not here: can-i-deploy relies on them."""
