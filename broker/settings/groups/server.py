"""Settings of the server and its database."""

import re
from functools import cached_property

from broker.settings.groups.setting import InvalidSettingError, setting
from tally.values import dataclass

_ADDRESS = re.compile(r"https?://([\w.-]+|\[[\da-fA-F:.]+\])(:\d{1,5})?(/[^\s?#]*)?")


@dataclass(frozen=True)
class ServerSettings:
    """Where the broker listens, and where its data is."""

    database_url: str = setting(
        "Where the data is: sqlite or postgresql URL.",
        default="sqlite:///tallystick.sqlite3",
        section="Server and database",
    )
    database_read_url: str = setting(
        "A standby of the same PostgreSQL, which answers pages, badges and metrics; decisions are never read "
        "there.",
        default="",
    )
    database_read_lag: int = setting(
        "Seconds by which what the standby answers may be old, but for what this process, or this browser, "
        "has written.",
        default=5,
    )
    database_adapter: str = setting(
        "Without a URL: the kind of database.",
        default="postgres",
        choices=("postgres", "postgresql", "sqlite"),
    )
    database_name: str = setting(
        "Without a URL: the name of the database, or the file of SQLite.", default=""
    )
    database_host: str = setting("Without a URL: the host of PostgreSQL.", default="localhost")
    database_port: int = setting("Without a URL: the port of PostgreSQL.", default=5432)
    database_username: str = setting("Without a URL: the user.", default="")
    database_password: str = setting("Without a URL: the password.", default="", is_secret=True)
    database_sslmode: str = setting("Without a URL: sslmode of the connection, such as require.", default="")
    database_max_connections: int = setting(
        "Connections that one process opens at most; 0 is enough for its threads.", default=0
    )
    database_pool_timeout: int = setting(
        "Seconds that a request waits for a connection before it is answered with 503.", default=5
    )
    database_statement_timeout: int = setting(
        "Seconds that PostgreSQL may take for one statement of a request; 0 is no limit.", default=15
    )
    database_prepared_statements: str = setting(
        "Whether PostgreSQL keeps statements prepared. auto: unless there is a pooler, such as PgBouncer, "
        "which needs release 1.21 for it",
        default="auto",
        choices=("auto", "on", "off"),
    )
    database_retries: int = setting(
        "How often a transaction is run again, after longer and longer pauses, when PostgreSQL asks for that "
        "because others changed the same; then the request is answered with 503.",
        default=10,
    )
    sqlite_synchronous: str = setting(
        "SQLite: with full, what was acknowledged survives a loss of power; with normal, no write waits for "
        "the disk, and the newest may be lost.",
        default="full",
        choices=("full", "normal"),
    )
    database_connect_max_retries: int = setting(
        "How many times to try again, after longer and longer pauses, when the database cannot be reached at "
        "the start.",
        default=0,
    )
    auto_migrate_db: bool = setting(
        "Bring the schema up to date at the start; otherwise only `tally migrate` does.", default=True
    )
    port: int = setting("Port to listen on.", default=9292)
    host: str = setting("Address to listen on.", default="127.0.0.1")
    workers: int = setting("Server processes; more than one needs PostgreSQL.", default=1, least=1)
    threads: int = setting(
        "Requests that one process answers at the same time; of several, all but one may write.",
        default=4,
        least=1,
    )
    base_url: str = setting(
        "Address that links start with, including the path that a proxy adds. When empty, the address of the "
        "request, which its X-Forwarded headers may give.",
        default="",
        is_reloaded=True,
    )
    base_urls: tuple[str, ...] = setting(
        "Several such addresses, separated by spaces. Links start with the one that the request came to, or "
        "else with the first.",
        default=(),
        is_reloaded=True,
    )
    log_level: str = setting(
        "How much is logged.", default="info", choices=("debug", "info", "warning", "error"), is_reloaded=True
    )
    log_format: str = setting("The format of the log.", default="default", choices=("default", "json"))
    access_log: bool = setting(
        "Log each request, on one line (see logs.md).", default=False, is_reloaded=True
    )
    opentelemetry: bool = setting(
        "Export traces and metrics to where OTEL_EXPORTER_OTLP_ENDPOINT says. Needs the extra otel.",
        default=False,
    )
    use_hal_browser: bool = setting("Serve the explorer of the API.", default=True, is_reloaded=True)
    max_request_megabytes: int = setting("Largest request body that is accepted.", default=64, least=1)
    max_bodies_megabytes: int = setting(
        "Request bodies that one process keeps in memory at the same time; more are answered with 503.",
        default=256,
        least=1,
    )
    max_connections: int = setting("Connections that one process keeps open.", default=1024, least=1)
    max_connections_per_address: int = setting(
        "Those of them from one address that have no complete request; 0 is half of all. With trusted "
        "proxies there is no limit.",
        default=0,
    )
    stop_seconds: int = setting(
        "Seconds that requests and webhooks under way have to finish when the broker is stopped.", default=10
    )
    stop_delay_seconds: int = setting(
        "Seconds that the broker goes on to answer when it is stopped, while /health/ready says no.",
        default=0,
    )
    worker_health_port: int = setting(
        "Port at which `tally worker` answers /health/live and /health/ready, on TALLY_HOST; 0 is none.",
        default=0,
    )

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
