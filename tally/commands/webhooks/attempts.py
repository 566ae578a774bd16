"""What sending a webhook brought: the result, the request if nothing was sent, the log with --verbose."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import click
import orjson

from tally.broker_client import Resource
from tally.commands import answers
from tally.commands import output as printing

_STATUS = re.compile(r"\bHTTP/1\.1 (?:response )?(\d{3})\b")


def show(made: Resource, webhook: Resource, output: str, *, sent: bool) -> bool:
    """Show it, and return whether it went well."""
    success = bool(made.state.get("success"))
    came_back = _came_back(made) if sent or not success else ""
    if output != "text":
        result = "delivered" if success else "not delivered"
        uuid = webhook.state.get("uuid") or webhook.link("self").href.rpartition("/")[2]
        row = {"UUID": uuid, "RESULT": result if sent else "not sent", "ANSWER": came_back}
        answers.description(made.state, output, row)
        return success
    if sent or not success:
        reason = f": {came_back}" if came_back else ""
        printing.say(
            f"It was {'' if success else 'not '}delivered{reason}.", "success" if success else "error"
        )
    else:
        printing.say("Nothing was sent. With --send it sends this request:", "success")
        for line in _request(made, webhook):
            click.echo(line)
    if printing.is_verbose():
        click.echo(f"\n{str(made.state.get('logs') or '').rstrip()}")
    elif sent:
        printing.say("With --verbose it shows the request and the answer.", "debug", error=True)
    return success


def _came_back(made: Resource) -> str:
    """Return the status of the answer, or why there was none; "" when the broker does not say."""
    status = (made.state.get("response") or {}).get("status")
    found = _STATUS.search(str(made.state.get("logs") or ""))
    if status or found:
        return f"HTTP {status or (found and found[1])}"
    return str((made.state.get("error") or {}).get("message") or "")


def _request(made: Resource, webhook: Resource) -> Iterator[str]:
    request = made.state["request"]
    receiver = urlsplit(webhook.state["request"]["url"])
    yield f"  {request['method']} {receiver.scheme}://{receiver.netloc}{request['url']}"
    yield from (f"  {name}: {value}" for name, value in request["headers"].items())
    body = request["body"]
    text = body if isinstance(body, str) else orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
    if text:
        yield ""
        yield from (f"  {line}" for line in text.splitlines())
