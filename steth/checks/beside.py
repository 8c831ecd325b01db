# SPDX-License-Identifier: Apache-2.0
"""Asking for something while something else is asked for."""

from collections.abc import Callable
from concurrent import futures
import threading
from typing import TypeVar

_Result = TypeVar("_Result")


def start(function: Callable[[], _Result]) -> "futures.Future[_Result]":
    """Call a function in a thread of its own; return what it will return.

    Who is interrupted meanwhile, as by Ctrl-C, does not wait for its end.
    """
    future: futures.Future[_Result] = futures.Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return future
