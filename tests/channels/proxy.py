"""A TCP proxy before PostgreSQL that can be cut, stopped, or swallow the answer to a statement."""

import contextlib
import socket
import threading


class Proxy:
    """`mode`: pass, cut (refuse and drop), hold (take and say nothing), swallow (drop after the next write arrived)."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.mode = "pass"
        self.swallowed = 0
        self.marker, self.skip = (
            b"execute inbox_log_append",
            0,
        )  # whose answer is swallowed, after how many others
        self.links: list[socket.socket] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def set(self, mode: str) -> None:
        self.mode = mode
        if mode == "cut":
            for link in self.links:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)
            self.links.clear()

    def _listen(self) -> None:
        while True:
            near, _address = self.door.accept()
            if self.mode == "cut":
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.target))
            self.links += [near, far]
            threading.Thread(target=self._up, args=(near, far), daemon=True).start()
            threading.Thread(target=self._down, args=(near, far), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                while self.mode == "hold":
                    threading.Event().wait(0.05)
                if self.mode == "swallow" and self.marker in data:
                    self.mode, self.skip = ("swallow", self.skip - 1) if self.skip else ("swallowing", 0)
                far.sendall(data)
        with contextlib.suppress(OSError):
            far.shutdown(socket.SHUT_RDWR)

    def _down(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if self.mode == "swallowing":
                    self.mode, self.swallowed = "pass", self.swallowed + 1
                    break
                near.sendall(data)
        for link in (near, far):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
