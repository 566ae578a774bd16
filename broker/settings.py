"""Every setting of the broker. settings_from_environment.py reads them from the environment, once."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from broker.domain.access import Access, InvalidTokenError, Token, parse_token
from broker.domain.accounts.providers import Provider
from broker.domain.verifications.wip_window import WipWindow

PREFIXES = ("TALLY_", "PACT_BROKER_")
_ADDRESS = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?(/[^\s?#]*)?")


def _setting(
    description: str,
    *,
    default: object,
    choices: tuple[str, ...] = (),
    section: str = "",  # a heading, for the first setting below it
    is_secret: bool = False,  # its value is shown nowhere
) -> Any:
    return field(
        default=default,
        metadata={
            "description": description,
            "choices": choices,
            "section": section,
            "is_secret": is_secret,
        },
    )


@dataclass(frozen=True)
class Settings:
    """The settings. The environment variable of `port` is TALLY_PORT or PACT_BROKER_PORT.

    Names and defaults are those of the Pact Broker (reference §12), so that an existing environment works.
    """

    database_url: str = _setting(
        "Where the data is: sqlite or postgresql URL.",
        default="sqlite:///tallystick.sqlite3",
        section="Server and database",
    )
    database_adapter: str = _setting(
        "Without a URL: the kind of database.",
        default="postgres",
        choices=("postgres", "postgresql", "sqlite"),
    )
    database_name: str = _setting(
        "Without a URL: the name of the database, or the file of SQLite.", default=""
    )
    database_host: str = _setting("Without a URL: the host of PostgreSQL.", default="localhost")
    database_port: int = _setting("Without a URL: the port of PostgreSQL.", default=5432)
    database_username: str = _setting("Without a URL: the user.", default="")
    database_password: str = _setting("Without a URL: the password.", default="", is_secret=True)
    database_sslmode: str = _setting("Without a URL: sslmode of the connection, such as require.", default="")
    database_max_connections: int = _setting(
        "Connections that one process opens at most; 0 is enough for its threads.", default=0
    )
    database_pool_timeout: int = _setting(
        "Seconds that a request waits for a connection before it is answered with 503.", default=5
    )
    database_statement_timeout: int = _setting(
        "Seconds that PostgreSQL may take for one statement of a request; 0 is no limit.", default=15
    )
    database_prepared_statements: str = _setting(
        "Whether PostgreSQL keeps statements prepared. auto: unless there is a pooler, such as PgBouncer, "
        "which needs release 1.21 for it",
        default="auto",
        choices=("auto", "on", "off"),
    )
    sqlite_synchronous: str = _setting(
        "SQLite: with full, what was acknowledged survives a loss of power; with normal, no write waits for "
        "the disk, and the newest may be lost.",
        default="full",
        choices=("full", "normal"),
    )
    database_connect_max_retries: int = _setting(
        "How many times to try again, after longer and longer pauses, when the database cannot be reached at "
        "the start.",
        default=0,
    )
    auto_migrate_db: bool = _setting(
        "Bring the schema up to date at the start; otherwise only `tally migrate` does.", default=True
    )
    port: int = _setting("Port to listen on.", default=9292)
    host: str = _setting("Address to listen on.", default="127.0.0.1")
    workers: int = _setting("Server processes; more than one needs PostgreSQL.", default=1)
    threads: int = _setting("Requests that one process answers at the same time.", default=4)
    base_url: str = _setting(
        "Address that links start with, including the path that a proxy adds. When empty, the address of the "
        "request, which its X-Forwarded headers may give.",
        default="",
    )
    base_urls: tuple[str, ...] = _setting(
        "Several such addresses, separated by spaces. Links start with the one that the request came to, or "
        "else with the first.",
        default=(),
    )
    log_level: str = _setting(
        "How much is logged.", default="info", choices=("debug", "info", "warning", "error")
    )
    log_format: str = _setting("The format of the log.", default="default", choices=("default", "json"))
    use_hal_browser: bool = _setting("Serve the explorer of the API.", default=True)
    max_request_megabytes: int = _setting("Largest request body that is accepted.", default=64)
    max_bodies_megabytes: int = _setting(
        "Request bodies that one process keeps in memory at the same time; more are answered with 503.",
        default=256,
    )
    max_connections: int = _setting("Connections that one process keeps open.", default=1024)
    max_connections_per_address: int = _setting(
        "Those of them from one address that have no complete request; 0 is half of all. With trusted "
        "proxies there is no limit.",
        default=0,
    )
    stop_seconds: int = _setting(
        "Seconds that requests and webhooks under way have to finish when the broker is stopped.", default=10
    )
    basic_auth_enabled: bool = _setting(
        "Ask for the users below; with false, they are ignored.", default=True, section="Access"
    )
    basic_auth_username: str = _setting("User who may read and write.", default="")
    basic_auth_password: str = _setting("Password of that user.", default="", is_secret=True)
    basic_auth_read_only_username: str = _setting("User who may read.", default="")
    basic_auth_read_only_password: str = _setting("Password of that user.", default="", is_secret=True)
    api_tokens: tuple[str, ...] = _setting(
        "Tokens for `Authorization: Bearer`, separated by spaces: NAME:write:TOKEN or NAME:read:TOKEN. "
        "Instead of TOKEN, sha256=HEX gives its hash.",
        default=(),
        is_secret=True,
    )
    failed_logins_per_minute: int = _setting(
        "Wrong passwords that one user may give from one address in a minute; 0 is no limit.", default=10
    )
    trusted_proxies: int = _setting(
        "Number of proxies in front of the broker whose X-Forwarded-For gives the address of a client.",
        default=0,
    )
    issuer_host_whitelist: tuple[str, ...] = _setting(
        "Hosts of issuers of id tokens and of identity providers, also in private networks; any public host "
        "when empty. An address of loopback that is listed may use http, for trials.",
        default=(),
    )
    allow_public_read: bool = _setting("Anyone may read, without credentials.", default=False)
    public_heartbeat: bool = _setting("The heartbeat needs no credentials.", default=True)
    audit: str = _setting(
        "When writes have entries in the audit log. auto: once there are accounts; always: also before",
        default="auto",
        choices=("auto", "always"),
    )
    audit_months: int = _setting(
        "Months that entries of the audit log are kept; 0 is for ever. Their seals always stay.", default=0
    )
    basic_auth_for_people: bool = _setting(
        "The API takes the passwords of people's accounts, too; otherwise only their tokens.", default=False
    )
    oidc_providers: tuple[Provider, ...] = _setting(
        "Names of identity providers for the log-in, such as okta or github, separated by spaces. Each has "
        "variables of its own, such as TALLY_OIDC_OKTA_ISSUER: see log-in.md.",
        default=(),
        section="Log-in by an identity provider",
    )
    oidc_groups_claim: str = _setting(
        "For one provider: the claim that has somebody's groups; groups when empty.", default=""
    )
    oidc_groups: tuple[str, ...] = _setting(
        "For one provider: what its groups give, separated by spaces: GROUP=ROLE everywhere, or "
        "GROUP=TEAM:ROLE; %20 is a space in a name.",
        default=(),
    )
    oidc_allowed_groups: tuple[str, ...] = _setting(
        "For one provider: groups whose members may log in, as readers, besides those above; * is everybody.",
        default=(),
    )
    admin_group: str = _setting("For one provider: the group whose members are administrators.", default="")
    allow_dangerous_contract_modification: bool = _setting(
        "A consumer version's pact may be published again with other content.",
        default=False,
        section="Contracts, branches and deployments",
    )
    check_for_potential_duplicate_pacticipant_names: bool = _setting(
        "Refuse a new pacticipant whose name resembles an existing one.", default=True
    )
    auto_detect_main_branch: bool = _setting(
        "The first branch that is a main branch candidate becomes the main branch.", default=True
    )
    main_branch_candidates: tuple[str, ...] = _setting(
        "Names of main branch candidates, separated by spaces.",
        default=("develop", "main", "master"),
    )
    use_first_tag_as_branch: bool = _setting("A version's first tag also becomes its branch.", default=True)
    use_first_tag_as_branch_time_limit: int = _setting(
        "Seconds after a version's creation within which its first tag becomes its branch.", default=10
    )
    create_deployed_versions_for_tags: bool = _setting(
        "Tagging a version with an environment's name records a deployment.", default=True
    )
    allow_deleting_all_integrations: bool = _setting(
        "DELETE /integrations removes all contracts; otherwise it is refused.", default=False
    )
    badge_provider_mode: str = _setting(
        "Draw badges here, or redirect to shields.io; proxy draws them here, too.",
        default="own",
        choices=("own", "redirect", "proxy"),
    )
    shields_io_base_url: str = _setting("Where badges redirect to.", default="https://img.shields.io")
    badge_default_cache_setting: str = _setting(
        "Cache-Control of the badge of a branch that can be merged.", default="max-age=30"
    )
    enable_public_badge_access: bool = _setting("Badges need no credentials.", default=False)
    unverified_in_environment_is_unknown: bool = _setting(
        "can-i-deploy: a version in the environment without any result counts as unknown.", default=True
    )
    dynamic_wip_window: bool = _setting(
        "The broker, not the verifier, chooses since when pacts are work in progress: as far back as new "
        "pacts wait for their first success.",
        default=False,
    )
    default_wip_window_days: int = _setting("Days of that window when no pact waits.", default=7)
    min_wip_window_days: int = _setting("Days of that window at least.", default=7)
    max_wip_lookback_days: int = _setting("Days of that window at most.", default=14)
    webhook_retry_schedule: tuple[int, ...] = _setting(
        "Seconds to wait before each further attempt; separated by spaces.",
        default=(10, 60, 120, 300, 600, 1200),
        section="Webhooks",
    )
    webhook_http_method_whitelist: tuple[str, ...] = _setting(
        "Methods that webhooks may use.", default=("POST",)
    )
    webhook_scheme_whitelist: tuple[str, ...] = _setting(
        "Schemes that URLs of webhooks may have.", default=("https",)
    )
    webhook_host_whitelist: tuple[str, ...] = _setting(
        "Hosts that webhooks may be sent to, also in private networks; any public host when empty.",
        default=(),
    )
    webhook_http_code_success: tuple[int, ...] = _setting(
        "Statuses that count as success.", default=tuple(range(200, 207))
    )
    webhook_redact_sensitive_data: bool = _setting(
        "Hide authorization and token headers in logs.", default=True
    )
    webhook_certificates: tuple[str, ...] = _setting(
        "Files with certificates (PEM) to trust besides the system's, separated by spaces. Or one variable "
        "for each: TALLY_WEBHOOK_CERTIFICATES__0__PATH, or __CONTENT with the PEM itself.",
        default=(),
    )
    disable_ssl_verification: bool = _setting(
        "Do not check the certificates of receivers; for trials only.", default=False
    )
    user_agent: str = _setting("User-Agent of webhooks; Tallystick and its version when empty.", default="")
    webhook_proxy: str = _setting(
        "Proxy that webhooks, and questions to issuers of id tokens, go through: `http://HOST:PORT`, or "
        "`environment` for what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. It needs the list of hosts of "
        "each.",
        default="",
    )
    webhook_timeout: int = _setting(
        "Seconds that one attempt may take, from the look-up of the name to the answer.", default=30
    )
    webhook_senders: int = _setting("Attempts that one process makes at the same time.", default=16)
    webhook_response_kilobytes: int = _setting("Kilobytes of an answer that are read and kept.", default=64)
    webhook_disable_after: int = _setting(
        "Deliveries in a row that fail for good before a webhook is disabled; 0 is never.", default=20
    )
    webhook_worker: bool = _setting("tally serve also sends webhooks.", default=True)
    secrets_key: tuple[str, ...] = _setting(
        "Keys that encrypt secrets, and passwords and headers of webhooks, the newest first, separated by "
        "spaces. Without one, SQLite has a key in a file beside it; with PostgreSQL nothing is encrypted.",
        default=(),
        is_secret=True,
    )

    database_clean_keep_version_selectors: str = _setting(
        "tally clean: which versions stay, as a JSON array; heads and the last 90 days when empty.",
        default="",
        section="Clean-up",
    )
    database_clean_deletion_limit: int = _setting(
        "tally clean: versions, and branches, that one run deletes at most.", default=1000
    )
    database_clean_keep_branch_selectors: str = _setting(
        'tally clean: which branches stay, as a JSON array such as `[{"max_age": 90}, {"branch": "main"}]`; '
        "all stay with `[]`, and the age below decides when empty.",
        default="",
    )
    database_clean_branch_deletion_limit: int | None = _setting(
        "tally clean: branches that one run deletes at most; as many as versions when empty.", default=None
    )
    database_clean_overwritten_data_max_age: int = _setting(
        "tally clean: days that replaced pacts, results and deliveries are kept.", default=7
    )
    database_clean_branch_max_age: int = _setting(
        "tally clean: days that a branch without new versions is kept.", default=90
    )
    database_clean_keep_branches: tuple[str, ...] = _setting(
        "tally clean: branches that are kept whatever their age, separated by spaces.", default=()
    )
    database_clean_enabled: bool = _setting("tally serve also cleans up, regularly.", default=False)
    database_clean_interval: int = _setting("Hours between two of its clean-ups.", default=24)
    database_clean_cron_schedule: str = _setting(
        "Instead of hours, a schedule of five fields, in UTC: `15 2 * * *`.", default=""
    )
    database_clean_dry_run: bool = _setting("tally clean: only report what would be deleted.", default=False)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The broker's addresses for clients, without final slashes. Raises InvalidSettingError."""
        found = tuple(dict.fromkeys(text.rstrip("/") for text in (*self.base_url.split(), *self.base_urls)))
        for address in found:
            if not _ADDRESS.fullmatch(address):
                raise InvalidSettingError(
                    f"TALLY_BASE_URL must be an address such as https://contracts.example.org/broker, "
                    f"not {address!r}"
                )
        return found

    @property
    def wip_window(self) -> WipWindow | None:
        """How the broker chooses since when pacts are work in progress; None when the verifier chooses."""
        if not self.dynamic_wip_window:
            return None
        return WipWindow(self.default_wip_window_days, self.min_wip_window_days, self.max_wip_lookback_days)

    @property
    def has_credentials(self) -> bool:
        """Whether writing needs a password or a token."""
        return bool(self.users) or bool(self.api_tokens)

    @property
    def users(self) -> tuple[tuple[str, str, Access], ...]:
        """Name, password and access of each user. Raises InvalidSettingError for one without either."""
        if not self.basic_auth_enabled:
            return ()
        given = (
            (self.basic_auth_username, self.basic_auth_password, Access.WRITE),
            (self.basic_auth_read_only_username, self.basic_auth_read_only_password, Access.READ),
        )
        for name, password, access in given:
            if bool(name) != bool(password):
                of = "" if access is Access.WRITE else "READ_ONLY_"
                missing = "PASSWORD" if name else "USERNAME"
                raise InvalidSettingError(f"TALLY_BASIC_AUTH_{of}{missing} is missing")
        return tuple(user for user in given if user[0])

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The API tokens. Raises InvalidSettingError when one has the wrong form."""
        try:
            return tuple(parse_token(number, text) for number, text in enumerate(self.api_tokens, 1))
        except InvalidTokenError as error:
            raise InvalidSettingError(f"TALLY_API_TOKENS: {error}") from error


class InvalidSettingError(ValueError):
    """A setting has an invalid value; the text names it and says what to do."""
