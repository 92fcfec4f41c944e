# SPDX-License-Identifier: Apache-2.0
"""A network between a runner and the server that knows the protocol's messages: it delays, loses, cuts off and holds back."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import threading
import time
from enum import Enum
from typing import Any, Callable, Optional

import bson

OP_MSG = 2013
MORE_TO_COME = 2  # no reply follows
NOT_COUNTED = {"hello", "isMaster", "ismaster", "ping", "endSessions"}  # they come when the driver likes
DELAY = 0.2  # seconds


class Fault(Enum):
    none = "nothing"
    late = "a delay"
    request_lost = "cut off before the server got it"
    reply_lost = "cut off after the server had acted"
    held = "held back, with everything after it"


class Message:
    """One request. Source: MongoDB's specification of OP_MSG."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.command: dict[str, Any] = {}
        self.has_reply = True
        if struct.unpack_from("<i", data, 12)[0] == OP_MSG:
            self._read_sections()

    def _read_sections(self) -> None:
        flags = struct.unpack_from("<I", self.data, 16)[0]
        self.has_reply = not flags & MORE_TO_COME
        end = len(self.data) - (4 if flags & 1 else 0)
        at = 20
        while at < end:
            kind, size = self.data[at], struct.unpack_from("<i", self.data, at + 1)[0]
            section = self.data[at + 1 : at + 1 + size]
            if kind == 0:
                self.command.update(bson.decode(section))
            else:
                name_end = section.index(b"\0", 4)
                self.command[section[4:name_end].decode()] = bson.decode_all(section[name_end + 1 :])
            at += 1 + size

    @property
    def name(self) -> str:
        return next(iter(self.command), "")

    def is_fenced(self) -> bool:
        """Whether it may come late: the server can refuse it (a write of single documents, a transaction's), or it is bookkeeping,
        which is conditional on the lease's epoch or about the runner's own run alone."""
        if self.name in ("insert", "findAndModify", "commitTransaction") or self.command.get("autocommit") is False:
            return self.name not in ("find", "aggregate", "getMore")
        statements = self.command.get("updates") or self.command.get("deletes") or []
        own = str(self.command.get(self.name)).startswith("treering_")
        return bool(statements) and (own or not self.is_of_many())

    def is_of_many(self) -> bool:
        """A write of many documents: nobody can know whether the server carried it out, when it is lost."""
        statements = self.command.get("updates") or self.command.get("deletes") or []
        return any(each.get("multi") or each.get("limit") == 0 for each in statements)

    def __str__(self) -> str:
        return f"{self.name} {self.command.get(self.name)}"


Chooser = Callable[[Message], bool]


class Wire:
    """Does one fault to one message: the n-th (from 0) that `counts`. Without a fault it only counts them."""

    def __init__(
        self,
        address: tuple[str, int],
        fault: Fault = Fault.none,
        at: int = -1,
        counts: Optional[Chooser] = None,
        port: int = 0,
    ):
        self._address, self.fault, self._at = address, fault, at
        self._counts = counts or (lambda message: True)
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._let_go = threading.Event()
        self._let_go.set()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self._clients: set[socket.socket] = set()
        self.counted = 0
        self.hit: Optional[Message] = None  # that met the fault
        self.struck = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/"

    def let_go(self) -> None:
        """Passes on what is held back."""
        self._let_go.set()

    def close(self) -> None:
        """Every connection breaks, and no new one is taken."""
        self.let_go()
        for each in (self._listener, *self._clients):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._clients.add(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, socket.create_connection(self._address) as server:
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._pass_one(client, server):
                pass

    def _pass_one(self, client: socket.socket, server: socket.socket) -> bool:
        data = receive(client)
        if not data:
            return False
        message = Message(data)
        fault = self._fault_of(message)
        if fault is Fault.request_lost:
            return False
        if fault is Fault.late:
            time.sleep(DELAY)
        self._let_go.wait()
        server.sendall(data)
        if not message.has_reply:
            return True
        reply = receive(server)
        if not reply or fault is Fault.reply_lost:
            return False
        client.sendall(reply)
        return True

    def _fault_of(self, message: Message) -> Fault:
        if not message.name or message.name in NOT_COUNTED or not self._counts(message):
            return Fault.none
        with self._lock:
            number = next(self._numbers)
            self.counted = number + 1
            if number != self._at:
                return Fault.none
            self.hit = message
            if self.fault is Fault.held:
                self._let_go.clear()
        self.struck.set()
        return self.fault


def receive(connection: socket.socket) -> bytes:
    """One message; nothing where the other side has closed."""
    head = receive_exactly(connection, 16)
    return head and head + receive_exactly(connection, struct.unpack_from("<i", head)[0] - 16)


def receive_exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            return b""
        data += more
    return data
