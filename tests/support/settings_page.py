"""The list of settings as it is in docs/configuration.md."""

from broker.settings.names import FIXED, NOT_HERE, sections


def as_markdown():
    """Return all settings as tables, one for each heading, and those of the Pact Broker that are ignored."""
    lines = []
    for heading, rows in sections().items():
        lines += [f"## {heading}", "", "| variable | default | |", "|---|---|---|"]
        for variable, default, description, _ in rows:
            shown = f"`{default}`" if default else ""
            lines.append(f"| `{variable}` | {shown} | {description} |")
        lines += ["", _reloaded(rows), ""]
    for heading, reasons in (("can only be true", FIXED), ("are ignored", NOT_HERE)):
        lines += [f"## Settings of the Pact Broker that {heading}", "", "| variable | because |", "|---|---|"]
        lines += [*(f"| `PACT_BROKER_{name}` | {reason} |" for name, reason in reasons.items()), ""]
    return "\n".join(lines)


def _reloaded(rows):
    """Return which of them SIGHUP changes, in a sentence that names the fewer."""
    named = {True: [], False: []}
    for variable, _, _, is_reloaded in rows:
        named[is_reloaded].append(f"`{variable}`")
    if not named[False]:
        return "SIGHUP changes all of these."
    if not named[True]:
        return "These wait for a restart."
    if len(named[True]) <= len(named[False]):
        return f"SIGHUP changes {', '.join(named[True])}; the others wait for a restart."
    return f"SIGHUP changes these, but for {', '.join(named[False])}."
