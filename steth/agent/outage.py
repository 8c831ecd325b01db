# SPDX-License-Identifier: Apache-2.0
"""Notices when oslo.messaging loses the broker, and keeps it short.

It logs an error for every attempt to come back, and with a wrong password
two a second, for as long as it lasts. The first one is let through, as the
sign of an outage; what the matter is, is then found and told by
:mod:`steth.agent.bus`.
"""

import logging
import threading

_SIGN = "oslo.messaging._drivers.impl_rabbit"
#: It retries what fails without reason, with a traceback.
_ECHO = "oslo_utils.excutils"


class Outage(logging.Filter):
    """A filter of what oslo.messaging logs.

    Its first error sets ``begun``, and until that is cleared again no
    further one passes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def watch(self) -> None:
        """Begin to look at what oslo.messaging logs."""
        for name in (_SIGN, _ECHO):
            logging.getLogger(name).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is logged."""
        if record.levelno < logging.WARNING:
            return True
        known = self.begun.is_set()
        if record.name == _SIGN:
            self.begun.set()
        return not known or logging.getLogger().isEnabledFor(logging.DEBUG)
