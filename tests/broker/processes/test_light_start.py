import json
import subprocess
import sys

RARE = {
    "alembic",
    "cryptography",
    "joserfc",
    "jsonschema",
    "jsonschema_rs",
    "opentelemetry",
    "prometheus_client",
    "yaml",
}
"""What only some brokers need, or few requests."""


def test_a_broker_loads_at_its_start_what_most_requests_need():
    program = (
        "import sys, json, broker.commands.serve, broker.processes.processes, broker.server.server; "
        "print(json.dumps(sorted(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert RARE.isdisjoint(json.loads(done.stdout))
