"""The list of settings as it is in docs/configuration.md."""

from broker.setting_names import FIXED, NOT_HERE, sections


def as_markdown():
    """Return all settings as tables, one for each heading, and those of the Pact Broker that are ignored."""
    lines = []
    for heading, rows in sections().items():
        lines += [f"## {heading}", "", "| variable | default | |", "|---|---|---|"]
        for variable, default, description in rows:
            shown = f"`{default}`" if default else ""
            lines.append(f"| `{variable}` | {shown} | {description} |")
        lines.append("")
    for heading, reasons in (("can only be true", FIXED), ("are ignored", NOT_HERE)):
        lines += [f"## Settings of the Pact Broker that {heading}", "", "| variable | because |", "|---|---|"]
        lines += [*(f"| `PACT_BROKER_{name}` | {reason} |" for name, reason in reasons.items()), ""]
    return "\n".join(lines)
