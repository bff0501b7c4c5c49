"""Ports of the loopback interface."""

import socket
from contextlib import closing


def free_port() -> int:
    """One that nobody has now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port
