"""The page of the badges: what a README can show of an application and its pacts, to copy."""

from collections.abc import Iterator, Mapping
from html import escape

from flask import Response

from broker.domain import limits
from broker.services.decisions import badge_choices
from broker.services.decisions.badge_choices import BadgeChoices
from broker.web import query_values
from broker.web.context import links, reading
from broker.web.lagging import may_lag
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import local, render
from broker.web.routes import rule
from tally.values import dataclass

_NAMES = ("consumer", "provider", "branch", "environment", "tag", "to_tag")
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\[]*_`<>!"})


@dataclass(frozen=True)
class ShownBadge:
    """A badge: what it says, its local address, and how a README shows it, with the page it leads to."""

    title: str
    image: str
    markdown: str
    html: str


@blueprint.get(rule("badges"))
@may_lag
def badges() -> Response:
    """Show all badges of what is chosen."""
    asked = _asked()
    with reading() as storage:
        found = badge_choices.find(storage, asked["consumer"], asked["provider"])
    return render("badges.html", asked=asked, found=found, badges=list(_badges(found, asked)))


def _asked() -> dict[str, str]:
    return {name: query_values.name(name, longest=limits.REFERENCE) for name in _NAMES}


def _badges(found: BadgeChoices, asked: Mapping[str, str]) -> Iterator[ShownBadge]:
    consumer, provider, tag, to_tag = (asked[name] for name in ("consumer", "provider", "tag", "to_tag"))
    if consumer and provider and not found.unknown:
        pair = {"consumer": consumer, "provider": provider}
        pact = ("latest-pact", pair)
        yield _badge(f"Latest pact of {consumer} with {provider}", "latest-pact-badge", pact, **pair)
        yield _badge("Latest pact of a version without tags", "latest-untagged-pact-badge", pact, **pair)
        if tag:
            tagged = ("latest-tagged-pact", {**pair, "tag": tag})
            yield _badge(
                f"Latest pact with the tag {tag}", "latest-tagged-pact-badge", tagged, tag=tag, **pair
            )
            if to_tag:
                yield _badge(
                    f"{consumer} with the tag {tag}, {provider} with {to_tag}",
                    "matrix-badge",
                    pact,
                    tag=tag,
                    provider_tag=to_tag,
                    **pair,
                )
    for application in found.applications:
        name, itself = application.name, ("pacticipant", {"pacticipant": application.name})
        yield _badge(
            f"{name}: main works with the main branches of the others",
            "can-i-merge-badge",
            itself,
            pacticipant=name,
        )
        branch = asked["branch"] or application.main_branch
        for environment in found.environments if branch else ():
            if asked["environment"] in {"", environment}:
                yield _badge(
                    f"{name}: {branch} can be deployed to {environment}",
                    "can-i-deploy-branch-badge",
                    itself,
                    pacticipant=name,
                    branch=branch or "",
                    environment=environment,
                )
        if tag and to_tag:
            yield _badge(
                f"{name}: {tag} can be deployed beside {to_tag}",
                "can-i-deploy-tag-badge",
                itself,
                pacticipant=name,
                tag=tag,
                to_tag=to_tag,
            )


def _badge(title: str, route: str, target: tuple[str, Mapping[str, str]], **names: str) -> ShownBadge:
    make = links()
    image, leads_to = f"{make.href(route, **names)}.svg", make.href(target[0], **target[1])
    return ShownBadge(
        title,
        f"{local(route, **names)}.svg",
        f"[![{title.translate(_SPECIAL)}]({image})]({leads_to})",
        f'<a href="{escape(leads_to)}"><img src="{escape(image)}" alt="{escape(title)}"></a>',
    )
