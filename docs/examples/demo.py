"""Show the main job: from an empty broker to "yes, you can deploy", and on to a "no". Called by `make demo`.

Every command is printed as a reader would type it, and its output follows. State is in `.demo/`, fresh for
each run. At a terminal the broker keeps running until Ctrl-C; otherwise, or when CI is set, the demo ends by
itself: with 0, or with 1 when a command did not end as it should. Those that say no are meant to end with 1.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import FrameType

from stage import BOLD, PLAIN, ROOT, DemoError, Stage, free_port, fresh, shown

SHOP = "docs/examples/shop"
ORDERS = "docs/examples/orders"
MAY_SHOP_DEPLOY = "tally can-i-deploy --pacticipant Shop --version 1.0.0 --to-environment production"


def play(stage: Stage, until_the_end: ExitStack, directory: Path, ports: Sequence[int]) -> str:
    """Play every step; return the address of the broker, which runs *until_the_end*."""
    broker, orders = (f"http://127.0.0.1:{free_port(wanted)}" for wanted in ports)
    until_the_end.enter_context(start_broker(stage, broker, directory))
    record_and_publish(stage, broker, shown(directory))
    stage.step(
        "4. Can the shop be deployed?",
        "Not yet: nobody has checked that the orders service does what the shop relies on.",
    )
    stage.run(MAY_SHOP_DEPLOY, ends_with=1)
    verify_provider(stage, orders, directory)
    deploy(stage)
    break_the_contract(stage, orders, directory)
    return broker


def start_broker(stage: Stage, broker: str, directory: Path) -> AbstractContextManager[None]:
    stage.step("1. Start the broker", "It keeps contracts and results; for a start, in a SQLite file.")
    port = broker.rpartition(":")[2]
    command = f"tally serve --port {port} --database-url sqlite:///{shown(directory)}/tallystick.sqlite3"
    return stage.running(command, url=broker, log=directory / "broker.log")


def record_and_publish(stage: Stage, broker: str, state: str) -> None:
    stage.step(
        "2. Run the consumer's unit tests",
        "A web shop calls an orders service. Its tests run against a mock of that service, and record\n"
        "what the shop relies on: a pact.",
    )
    stage.run(f"pytest {SHOP} --pact-dir={state}/pacts")
    stage.step("3. Publish the pact", "As the shop's build would do it, with the version and the branch.")
    stage.export("PACT_BROKER_BASE_URL", broker)
    stage.run(f"tally publish {state}/pacts --consumer-app-version 1.0.0 --branch main")


def verify_provider(stage: Stage, orders: str, directory: Path) -> None:
    stage.step(
        "5. Verify the provider",
        "The orders service publishes what it offers: its service contract, in OpenAPI. Then all of it is\n"
        "replayed against the running service: what consumers rely on, and what it promises itself. One URL\n"
        "puts it into the state that an interaction needs; another gives the messages that it would send.",
    )
    stage.run(
        f"tally publish-service-contract {ORDERS}/openapi.yaml --service Orders --version 1.0.0 --branch main"
    )
    with start_service(stage, orders, ORDERS, directory / "orders.log"):
        stage.run(
            f"{verify(orders)} \\\n"
            "    --service-contract-from-broker 1.0.0 \\\n"
            "    --publish --provider-version 1.0.0 --provider-branch main"
        )


def start_service(stage: Stage, url: str, code: str, log: Path) -> AbstractContextManager[None]:
    stage.export("ORDERS_DATABASE", shown(log.with_suffix(".sqlite3")))
    command = f"flask --app {code}/testing.py run --port {url.rpartition(':')[2]}"
    return stage.running(command, url=f"{url}/orders", log=log)


def verify(orders: str) -> str:
    return (
        f"tally verify --provider Orders --provider-url {orders} \\\n"
        f"    --state-change-url {orders}/_pact/provider_states \\\n"
        f"    --message-url {orders}/_pact/messages"
    )


def deploy(stage: Stage) -> None:
    stage.step(
        "6. Deploy the provider, and ask again",
        "The orders service goes to production, and the broker is told. Now the shop may follow.",
    )
    stage.run("tally record-deployment --pacticipant Orders --version 1.0.0 --environment production")
    stage.run(MAY_SHOP_DEPLOY)
    stage.run("tally record-deployment --pacticipant Shop --version 1.0.0 --environment production")


def break_the_contract(stage: Stage, orders: str, directory: Path) -> None:
    copy = f"{shown(directory)}/orders"
    stage.step(
        "7. Break the contract, on purpose",
        "In a copy of the orders service, somebody renames a field of the message that an order was paid.\n"
        "It is version 2.0.0. Nothing is wrong with it, except that the shop's receipts read the field.",
    )
    stage.run(f"cp -R {ORDERS} {copy}")
    stage.run(f'sed -i.bak \'s/"total_cents"/"total"/\' {copy}/model.py')
    with start_service(stage, orders, copy, directory / "orders-2.log"):
        stage.run(
            f"{verify(orders)} \\\n    --publish --provider-version 2.0.0 --provider-branch main", ends_with=1
        )
    stage.step(
        "8. Can that be deployed?",
        "A pipeline asks before it deploys, and stops at the exit code 1. Production stays as it is.",
    )
    stage.run(
        "tally can-i-deploy --pacticipant Orders --version 2.0.0 --to-environment production", ends_with=1
    )


def wait() -> None:
    """Wait for Ctrl-C or a signal to stop."""
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Play the demo; return the exit code."""
    parser = argparse.ArgumentParser(description="From an empty broker to 'yes, you can deploy'.")
    parser.add_argument("--directory", type=Path, default=ROOT / ".demo", help="where its state is (.demo)")
    parser.add_argument("--ports", type=int, nargs=2, default=(9292, 9393), help="of broker and service")
    options = parser.parse_args()
    directory = options.directory.resolve()
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, _interrupt)
    attended = sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")
    try:
        with fresh(directory), ExitStack() as until_the_end:
            broker = play(Stage(), until_the_end, directory, options.ports)
            print(f"\n{BOLD}9. Look around{PLAIN}\nThe broker has pages too: {broker}", flush=True)
            if attended:
                print("It runs until you press Ctrl-C.", flush=True)
                wait()
            else:
                print("Nobody is at a terminal, so it is stopped now.", flush=True)
    except DemoError as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before the end.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
