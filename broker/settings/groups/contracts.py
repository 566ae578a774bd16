"""Settings of contracts, branches, deployments and decisions."""

from broker.domain.verifications.wip_window import WipWindow
from broker.settings.groups.setting import setting
from tally.values import dataclass


@dataclass(frozen=True)
class ContractSettings:
    """What is accepted, what follows from it, and how it is shown."""

    allow_dangerous_contract_modification: bool = setting(
        "A consumer version's pact may be published again with other content.",
        default=False,
        section="Contracts, branches and deployments",
    )
    check_for_potential_duplicate_pacticipant_names: bool = setting(
        "Refuse a new pacticipant whose name resembles an existing one.", default=True
    )
    auto_detect_main_branch: bool = setting(
        "The first branch that is a main branch candidate becomes the main branch.", default=True
    )
    main_branch_candidates: tuple[str, ...] = setting(
        "Names of main branch candidates, separated by spaces.",
        default=("develop", "main", "master"),
    )
    use_first_tag_as_branch: bool = setting("A version's first tag also becomes its branch.", default=True)
    use_first_tag_as_branch_time_limit: int = setting(
        "Seconds after a version's creation within which its first tag becomes its branch.", default=10
    )
    create_deployed_versions_for_tags: bool = setting(
        "Tagging a version with an environment's name records a deployment.", default=True
    )
    allow_deleting_all_integrations: bool = setting(
        "DELETE /integrations removes all contracts; otherwise it is refused.", default=False
    )
    badge_provider_mode: str = setting(
        "Draw badges here, or redirect to shields.io; proxy draws them here, too.",
        default="own",
        choices=("own", "redirect", "proxy"),
    )
    shields_io_base_url: str = setting("Where badges redirect to.", default="https://img.shields.io")
    badge_default_cache_setting: str = setting(
        "Cache-Control of the badge of a branch that can be merged.", default="max-age=30"
    )
    enable_public_badge_access: bool = setting("Badges need no credentials.", default=False)
    unverified_in_environment_is_unknown: bool = setting(
        "can-i-deploy: a version in the environment without any result counts as unknown.", default=True
    )
    dynamic_wip_window: bool = setting(
        "The broker, not the verifier, chooses since when pacts are work in progress: as far back as new "
        "pacts wait for their first success.",
        default=False,
    )
    default_wip_window_days: int = setting("Days of that window when no pact waits.", default=7)
    min_wip_window_days: int = setting("Days of that window at least.", default=7)
    max_wip_lookback_days: int = setting("Days of that window at most.", default=14)

    @property
    def wip_window(self) -> WipWindow | None:
        """How the broker chooses since when pacts are work in progress; None when the verifier chooses."""
        if not self.dynamic_wip_window:
            return None
        return WipWindow(self.default_wip_window_days, self.min_wip_window_days, self.max_wip_lookback_days)
