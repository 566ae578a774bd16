"""Settings of who may do what, of log-ins and of the audit log."""

from broker.domain.access import Access, InvalidTokenError, Token, parse_token
from broker.domain.accounts.providers import Provider
from broker.settings.groups.setting import InvalidSettingError, setting
from tally.values import dataclass


@dataclass(frozen=True)
class AccessSettings:
    """Users, tokens, identity providers and the audit log."""

    basic_auth_enabled: bool = setting(
        "Ask for the users below; with false, they are ignored.", default=True, section="Access"
    )
    basic_auth_username: str = setting("User who may read and write.", default="")
    basic_auth_password: str = setting("Password of that user.", default="", is_secret=True)
    basic_auth_read_only_username: str = setting("User who may read.", default="")
    basic_auth_read_only_password: str = setting("Password of that user.", default="", is_secret=True)
    api_tokens: tuple[str, ...] = setting(
        "Tokens for `Authorization: Bearer`, separated by spaces: NAME:write:TOKEN or NAME:read:TOKEN. "
        "Instead of TOKEN, sha256=HEX gives its hash.",
        default=(),
        is_secret=True,
    )
    failed_logins_per_minute: int = setting(
        "Wrong passwords that one user may give from one address in a minute; 0 is no limit.", default=10
    )
    trusted_proxies: int = setting(
        "Number of proxies in front of the broker whose X-Forwarded-For gives the address of a client.",
        default=0,
        is_reloaded=False,
    )
    issuer_host_whitelist: tuple[str, ...] = setting(
        "Hosts of issuers of id tokens and of identity providers, also in private networks; any public host "
        "when empty. An address of loopback that is listed may use http, for trials.",
        default=(),
    )
    allow_public_read: bool = setting("Anyone may read, without credentials.", default=False)
    public_heartbeat: bool = setting("The heartbeat needs no credentials.", default=True)
    permissions: str = setting(
        "What becomes of a request that an account may not make. enforce: it is refused; report: it is "
        "carried out, logged and counted, so that you see before what would be refused. Accounts, teams and "
        "tokens are protected either way",
        default="enforce",
        choices=("enforce", "report"),
    )
    audit: str = setting(
        "When writes have entries in the audit log. auto: once there are accounts; always: also before",
        default="auto",
        choices=("auto", "always"),
    )
    audit_months: int = setting(
        "Months that entries of the audit log are kept; 0 is for ever. Their seals always stay.",
        default=0,
        is_reloaded=False,
    )
    basic_auth_for_people: bool = setting(
        "The API takes the passwords of people's accounts, too; otherwise only their tokens.", default=False
    )
    oidc_providers: tuple[Provider, ...] = setting(
        "Names of identity providers for the log-in, such as okta or github, separated by spaces. Each has "
        "variables of its own, such as TALLY_OIDC_OKTA_ISSUER: see log-in.md.",
        default=(),
        section="Log-in by an identity provider",
    )
    oidc_groups_claim: str = setting(
        "For one provider: the claim that has somebody's groups; groups when empty.", default=""
    )
    oidc_groups: tuple[str, ...] = setting(
        "For one provider: what its groups give, separated by spaces: GROUP=ROLE everywhere, or "
        "GROUP=TEAM:ROLE; %20 is a space in a name.",
        default=(),
    )
    oidc_allowed_groups: tuple[str, ...] = setting(
        "For one provider: groups whose members may log in, as readers, besides those above; * is everybody.",
        default=(),
    )
    admin_group: str = setting("For one provider: the group whose members are administrators.", default="")

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
