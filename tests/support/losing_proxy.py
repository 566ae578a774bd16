"""A proxy in front of PostgreSQL that can lose the answer to a COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
COMMITS = (b"COMMIT\0", b"tally_commit_")
"""As it is sent, and how the name begins under which it is prepared."""


class LosingProxy:
    """Passes everything on from a socket in *folder* to that of *cluster*, until told to lose an answer."""

    def __init__(self, folder: Path, cluster: Path) -> None:
        self.folder = folder
        self._cluster = cluster
        self._to_lose = 0
        self.lost = 0
        self._muted: set[socket.socket] = set()
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next(self) -> None:
        """Close the connection after the next COMMIT was answered, and do not pass the answer on."""
        self._to_lose = 1

    def close(self) -> None:
        _end(self._listener)
        _end(*self._open)
        for end in (self._listener, *self._open):
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._cluster / SOCKET))
                self._open += [client, server]
                for pump in (self._to_server, self._to_client):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._to_lose and any(commit in data for commit in COMMITS):
                    self._to_lose, self.lost = 0, self.lost + 1
                    self._muted.add(server)
                server.sendall(data)
        _end(client, server)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while (data := server.recv(65536)) and server not in self._muted:
                client.sendall(data)
        _end(client, server)


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def losing_proxy(folder: Path, cluster: Path) -> Iterator[LosingProxy]:
    """Yield a proxy, whose socket is in *folder*: a short path, as sockets need."""
    proxy = LosingProxy(folder, cluster)
    try:
        yield proxy
    finally:
        proxy.close()
