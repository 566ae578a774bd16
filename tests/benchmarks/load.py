"""Clients that ask without a pause: a process of its own, which `whole_process` starts.

It reads lines of JSON: first {"port", "clients", "requests": [[head, body], …]}, then seconds. After each it
writes a line: how many requests were answered. A request that is refused ends it.
"""

import json
import socket
import sys
import threading
import time
from itertools import cycle

PATIENCE = 60.0


class Client:
    """One connection that is kept, and one thread."""

    def __init__(self, port, requests):
        self._connection = self._connect(port)
        self._requests = requests
        self._rest = b""

    def _connect(self, port):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection

    def ask(self, end, answered):
        while time.monotonic() < end:
            self._connection.sendall(next(self._requests))
            self._read()
            answered.append(None)

    def _read(self):
        data = self._rest
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        sizes = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
        missing = (sizes[0] if sizes else 0) - len(body)
        parts = [body]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        if lines[0].split()[1][:1] != b"2":
            raise RuntimeError(f"{lines[0].decode()}: {b''.join(parts)[:300]!r}")
        self._rest = b""

    def _more(self):
        data = self._connection.recv(262_144)
        if not data:
            raise RuntimeError("the broker closed the connection")
        return data


class Requests:
    """The requests in their order, from the first again after the last. Safe to share between threads."""

    def __init__(self, requests):
        self._next = cycle([(head + body).encode() for head, body in requests])
        self._lock = threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self._lock:
            return next(self._next)


def main():
    """Do what the lines say."""
    asked = json.loads(sys.stdin.readline())
    requests = Requests(asked["requests"])
    clients = [Client(asked["port"], requests) for _ in range(asked["clients"])]
    print(0, flush=True)
    for line in sys.stdin:
        answered, errors = [], []
        end = time.monotonic() + json.loads(line)

        def ask(client, end=end, answered=answered, errors=errors):
            try:
                client.ask(end, answered)
            except Exception as error:  # noqa: BLE001 - said to whoever started this
                errors.append(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(errors[0] if errors else len(answered), flush=True)


if __name__ == "__main__":
    main()
