"""Settings of webhooks and their secrets."""

from broker.settings.groups.setting import setting
from tally.values import dataclass


@dataclass(frozen=True)
class WebhookSettings:
    """Where webhooks may be sent, how, and how often."""

    webhook_retry_schedule: tuple[int, ...] = setting(
        "Seconds to wait before each further attempt; separated by spaces.",
        default=(10, 60, 120, 300, 600, 1200),
        section="Webhooks",
    )
    webhook_http_method_whitelist: tuple[str, ...] = setting(
        "Methods that webhooks may use.", default=("POST",)
    )
    webhook_scheme_whitelist: tuple[str, ...] = setting(
        "Schemes that URLs of webhooks may have.", default=("https",)
    )
    webhook_host_whitelist: tuple[str, ...] = setting(
        "Hosts that webhooks may be sent to, also in private networks; any public host when empty.",
        default=(),
    )
    webhook_http_code_success: tuple[int, ...] = setting(
        "Statuses that count as success.", default=tuple(range(200, 207))
    )
    webhook_redact_sensitive_data: bool = setting(
        "Hide authorization and token headers in logs.", default=True
    )
    webhook_certificates: tuple[str, ...] = setting(
        "Files with certificates (PEM) to trust besides the system's, separated by spaces. Or one variable "
        "for each: TALLY_WEBHOOK_CERTIFICATES__0__PATH, or __CONTENT with the PEM itself.",
        default=(),
    )
    disable_ssl_verification: bool = setting(
        "Do not check the certificates of receivers; for trials only.", default=False
    )
    user_agent: str = setting("User-Agent of webhooks; Tallystick and its version when empty.", default="")
    webhook_proxy: str = setting(
        "Proxy that webhooks, and questions to issuers of id tokens, go through: `http://HOST:PORT`, or "
        "`environment` for what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. It needs the list of hosts of "
        "each.",
        default="",
    )
    webhook_timeout: int = setting(
        "Seconds that one attempt may take, from the look-up of the name to the answer.", default=30, least=1
    )
    webhook_senders: int = setting("Attempts that one process makes at the same time.", default=16, least=1)
    webhook_response_kilobytes: int = setting("Kilobytes of an answer that are read and kept.", default=64)
    webhook_disable_after: int = setting(
        "Deliveries in a row that fail for good before a webhook is disabled; 0 is never.", default=20
    )
    webhook_worker: bool = setting("tally serve also sends webhooks.", default=True, is_reloaded=False)
    secrets_key: tuple[str, ...] = setting(
        "Keys that encrypt secrets, and passwords and headers of webhooks, the newest first, separated by "
        "spaces. Without one, SQLite has a key in a file beside it; with PostgreSQL nothing is encrypted.",
        default=(),
        is_secret=True,
    )
