"""Settings of the clean-up."""

from broker.settings.groups.setting import setting
from tally.values import dataclass


@dataclass(frozen=True)
class CleanUpSettings:
    """What is deleted, and when."""

    database_clean_keep_version_selectors: str = setting(
        "tally clean: which versions stay, as a JSON array; heads and the last 90 days when empty.",
        default="",
        section="Clean-up",
    )
    database_clean_deletion_limit: int = setting(
        "tally clean: versions, and branches, that one run deletes at most.", default=1000
    )
    database_clean_keep_branch_selectors: str = setting(
        'tally clean: which branches stay, as a JSON array such as `[{"max_age": 90}, {"branch": "main"}]`; '
        "all stay with `[]`, and the age below decides when empty.",
        default="",
    )
    database_clean_branch_deletion_limit: int | None = setting(
        "tally clean: branches that one run deletes at most; as many as versions when empty.", default=None
    )
    database_clean_overwritten_data_max_age: int = setting(
        "tally clean: days that replaced pacts, results and deliveries are kept.", default=7
    )
    database_clean_branch_max_age: int = setting(
        "tally clean: days that a branch without new versions is kept.", default=90
    )
    database_clean_keep_branches: tuple[str, ...] = setting(
        "tally clean: branches that are kept whatever their age, separated by spaces.", default=()
    )
    database_clean_enabled: bool = setting("tally serve also cleans up, regularly.", default=False)
    database_clean_interval: int = setting("Hours between two of its clean-ups.", default=24, least=1)
    database_clean_cron_schedule: str = setting(
        "Instead of hours, a schedule of five fields, in UTC: `15 2 * * *`.", default=""
    )
    database_clean_dry_run: bool = setting("tally clean: only report what would be deleted.", default=False)
