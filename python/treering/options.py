# SPDX-License-Identifier: Apache-2.0
"""Codec options, concerns and read preference of clients, databases and collections: kept, checked and put into commands."""

from __future__ import annotations

from typing import Any, Optional

import bson
from bson.codec_options import DEFAULT_CODEC_OPTIONS, CodecOptions

from treering import _native

__all__ = ["Configured", "Options", "commented", "misconfigured", "options_of"]


class Options:
    """What a client, database or collection was configured with; None is pymongo's default. Never changed."""

    __slots__ = ("codec", "read_concern", "read_preference", "write_concern")

    def __init__(
        self,
        codec: Optional[CodecOptions[Any]] = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> None:
        self.codec = None if codec == DEFAULT_CODEC_OPTIONS else codec
        self.read_preference = read_preference
        self.write_concern = write_concern
        self.read_concern = read_concern

    def changed(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Options:
        """These, with those that aren't None in their place."""
        if codec_options is None and read_preference is None and write_concern is None and read_concern is None:
            return self
        _check(codec_options, read_preference, write_concern, read_concern)
        return Options(
            self.codec if codec_options is None else codec_options,
            self.read_preference if read_preference is None else read_preference,
            self.write_concern if write_concern is None else write_concern,
            self.read_concern if read_concern is None else read_concern,
        )

    def encode(self, document: Any) -> Any:
        """As the native env takes it: as it is where it encodes by itself, else BSON."""
        return document if self.codec is None else bson.encode(document, codec_options=self.codec)

    def decode(self, data: bytes) -> Any:
        return _native.decode(data) if self.codec is None else bson.decode(data, self.codec)

    def decode_write(self, reply: bytes) -> Any:
        """The reply to a write, which is a dict whatever class documents have, as with pymongo."""
        if self.codec is None:
            return _native.decode(reply)
        return bson.decode(reply, self.codec._replace(unicode_decode_error_handler="replace", document_class=dict))

    def reading(self) -> dict[str, Any]:
        """What commands that read carry."""
        if self.read_concern is None or self.read_concern.level is None:
            return {}
        return {"readConcern": self.read_concern.document}

    def writing(self) -> dict[str, Any]:
        """What commands that write carry. Unacknowledged writes are waited for all the same: a run has to know what it did."""
        if self.write_concern is None or not self.write_concern.document or not self.write_concern.acknowledged:
            return {}
        return {"writeConcern": self.write_concern.document}

    @property
    def acknowledged(self) -> bool:
        return self.write_concern is None or self.write_concern.acknowledged


class Configured:
    """The properties. The read preference is kept, and reads go to the primary whatever it is: a migration sees its own writes."""

    __slots__ = ("__options",)

    def __init__(self, options: Options) -> None:
        self.__options = options

    @property
    def codec_options(self) -> Any:
        codec = self.__options.codec
        return DEFAULT_CODEC_OPTIONS if codec is None else codec

    @property
    def read_preference(self) -> Any:
        from pymongo.read_preferences import ReadPreference

        chosen = self.__options.read_preference
        return ReadPreference.PRIMARY if chosen is None else chosen

    @property
    def write_concern(self) -> Any:
        from pymongo.write_concern import WriteConcern

        chosen = self.__options.write_concern
        return WriteConcern() if chosen is None else chosen

    @property
    def read_concern(self) -> Any:
        from pymongo.read_concern import ReadConcern

        chosen = self.__options.read_concern
        return ReadConcern() if chosen is None else chosen


def options_of(configured: Configured) -> Options:
    options: Options = configured._Configured__options  # type: ignore[attr-defined]
    return options


def _check(codec_options: Any, read_preference: Any, write_concern: Any, read_concern: Any) -> None:
    from pymongo.read_concern import ReadConcern
    from pymongo.read_preferences import _ServerMode
    from pymongo.write_concern import WriteConcern

    if codec_options is not None and not isinstance(codec_options, CodecOptions):
        raise TypeError("codec_options must be an instance of bson.codec_options.CodecOptions")
    if read_preference is not None and not isinstance(read_preference, _ServerMode):
        raise TypeError(
            f"{read_preference!r} is not valid for read_preference. See pymongo.read_preferences for valid options."
        )
    if write_concern is not None and not isinstance(write_concern, WriteConcern):
        raise TypeError(
            f"write_concern must be an instance of pymongo.write_concern.WriteConcern, not {type(write_concern)}"
        )
    if read_concern is not None and not isinstance(read_concern, ReadConcern):
        raise TypeError(
            f"read_concern must be an instance of pymongo.read_concern.ReadConcern, not {type(read_concern)}"
        )


def commented(options: dict[str, Any], comment: Any) -> dict[str, Any]:
    return options if comment is None else {**options, "comment": comment}


def misconfigured(message: str) -> Exception:
    from pymongo.errors import ConfigurationError

    return ConfigurationError(message)
