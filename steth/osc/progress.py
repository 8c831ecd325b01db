# SPDX-License-Identifier: Apache-2.0
"""One line on the terminal that says what is being waited for."""

import contextlib
import shutil
from types import TracebackType
from typing import Self
from typing import TextIO

_CLEAR = "\r\x1b[K"


class Progress:
    """Shows the last sentence it was called with; leaves nothing behind.

    Where the stream is not a terminal it shows nothing at all.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False
        self._terminal = stream.isatty()

    def __call__(self, sentence: str) -> None:
        """Show a sentence in place of the one before."""
        if not self._terminal:
            return
        width = shutil.get_terminal_size().columns - 1
        # The terminal may have been closed; what is done goes on.
        with contextlib.suppress(OSError):
            self._stream.write(f"{_CLEAR}{sentence[:width]}")
            self._stream.flush()
            self._shown = True

    def announce(self, sentence: str) -> None:
        """Say something that stays, on a terminal and elsewhere."""
        self._clear()
        self._stream.write(f"{sentence}\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._clear()

    def _clear(self) -> None:
        if self._shown:
            self._shown = False
            with contextlib.suppress(OSError):
                self._stream.write(_CLEAR)
                self._stream.flush()
