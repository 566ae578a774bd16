"""Settings of the object store for large pacts."""

from broker.settings.groups.setting import setting
from tally.values import dataclass


@dataclass(frozen=True)
class ContentSettings:
    """Which contents go to an object store, and how long objects stay there."""

    content_store: str = setting(
        "An object store for the contents of large pacts that are not current: `s3://BUCKET/PREFIX`. Its "
        "region and credentials are read from AWS_REGION, AWS_ACCESS_KEY_ID and so on.",
        default="",
        section="Object store",
    )
    content_store_endpoint: str = setting(
        "The address of an object store that is not that of AWS, such as `https://objects.example.org`.",
        default="",
    )
    content_store_kilobytes: int = setting(
        "Contents go there that have more than so many kilobytes.", default=256
    )
    content_store_days: int = setting(
        "Days since a content was last published after which it may go there.", default=30
    )
    content_store_keep_days: int = setting(
        "Days that an object stays there after the last need of it: longer than backups are kept.", default=90
    )
