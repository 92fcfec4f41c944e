# SPDX-License-Identifier: Apache-2.0
"""Documents of every type that pymongo can write, from a seed."""

from __future__ import annotations

import random
import struct
from datetime import datetime, timedelta
from typing import Any

from bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

ALPHABET = "abcxyzABC019 _.$'\"\\\n\r\t\x01\x7f\x85\xa0\xadéж漢\u202e\u2028\ufeff🙂{}[](),:#"


class Generator:
    """Documents of every type that pymongo can write, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, alphabet: str = ALPHABET) -> str:
        return "".join(self.random.choices(alphabet, k=self.random.randint(0, 12)))

    def data(self) -> bytes:
        return self.random.randbytes(self.random.randint(0, 12))

    def integer(self) -> int:
        limit = self.random.choice((10, 2**31, 2**33, 2**63))
        return self.random.choice((-limit, limit - 1, self.random.randrange(-limit, limit)))

    def double(self) -> float:
        numbers = (0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 1e22, 123456789.0, float("inf"), float("-inf"), float("nan"))
        value = struct.unpack("<d", self.random.randbytes(8))[0]
        # Of the many NaNs the literal keeps the sign alone.
        return self.random.choice((*numbers, -float("nan"), value if value == value else 0.0))

    def date(self) -> Any:
        ms = self.random.choice((0, -1, 1733788800000, self.random.randrange(-(2**45), 2**47)))
        first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999000)
        return self.random.choice((DatetimeMS(ms), DatetimeMS(self.integer()), first, last, first + timedelta(days=1)))

    def decimal(self) -> Decimal128:
        if self.random.random() < 0.3:
            return Decimal128((self.random.getrandbits(64), self.random.getrandbits(64)))
        digits = str(self.random.randrange(10 ** self.random.randint(1, 34)))
        exponent = self.random.randint(-6176, 6111)
        return Decimal128(
            self.random.choice(
                (digits, "-" + digits + ".5"[: 35 - len(digits)], f"{digits}E{exponent}", "NaN", "-Infinity")
            )
        )

    def leaf(self) -> Any:
        flags = "".join(sorted(self.random.sample("imsx", self.random.randint(0, 4))))
        makers = (
            self.text,
            self.integer,
            lambda: Int64(self.integer()),
            self.double,
            self.date,
            self.decimal,
            self.data,
            lambda: Binary(self.data(), self.random.choice((0, 1, 2, 5, 6, 128, 255))),
            lambda: Binary(self.random.randbytes(16), self.random.choice((3, 4))),
            lambda: ObjectId(self.random.randbytes(12)),
            lambda: Regex(self.text(), flags),
            lambda: Timestamp(self.random.getrandbits(32), self.random.getrandbits(32)),
            lambda: Code(self.text()),
            lambda: Code(self.text(), self.document(0)),
            lambda: self.random.choice((None, True, False, MinKey(), MaxKey())),
        )
        return self.random.choice(makers)()

    def value(self, depth: int) -> Any:
        kind = self.random.random() if depth else 1.0
        if kind < 0.2:
            return self.document(depth - 1)
        if kind < 0.35:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 4))]
        return self.leaf()

    def document(self, depth: int) -> dict[str, Any]:
        return {self.text(): self.value(depth) for _ in range(self.random.randint(0, 5))}
