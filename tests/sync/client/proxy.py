"""A line that is cut: a TCP proxy that ends a connection after a number of bytes."""

from __future__ import annotations

import contextlib
import socket
import threading


class Proxy:
    """Forwards to PORT; connections are cut after CUTS[i] bytes in either direction, one after the other; then it only forwards."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self.target = port
        self.cuts = cuts
        self.cut = 0
        self.moved = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(64 * 1024):
                if self._cut_now(len(data)):
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _cut_now(self, count: int) -> bool:
        with self._lock:
            self.moved += count
            if self.cut < len(self.cuts) and self.moved >= self.cuts[self.cut]:
                self.cut, self.moved = self.cut + 1, 0
                return True
            return False
