# SPDX-License-Identifier: Apache-2.0

import logging
import unittest

from steth.agent import outage


class OutageTestCase(unittest.TestCase):
    def setUp(self) -> None:
        self.outage = outage.Outage()

    def passes(
        self,
        level: int = logging.ERROR,
        name: str = "oslo.messaging._drivers.impl_rabbit",
    ) -> bool:
        record = logging.LogRecord(name, level, "", 0, "text", None, None)
        return self.outage.filter(record)

    def test_first_error_passes_and_is_the_sign(self) -> None:
        self.assertTrue(self.passes(logging.INFO))
        self.assertFalse(self.outage.begun.is_set())
        self.assertTrue(self.passes())
        self.assertTrue(self.outage.begun.is_set())
        self.assertFalse(self.passes())
        self.assertTrue(self.passes(logging.INFO))

    def test_errors_of_others_are_no_sign(self) -> None:
        self.assertTrue(self.passes(name="oslo_utils.excutils"))
        self.assertFalse(self.outage.begun.is_set())
        self.passes()
        self.assertFalse(self.passes(name="oslo_utils.excutils"))

    def test_the_next_outage_is_another(self) -> None:
        self.passes()
        self.outage.begun.clear()
        self.assertTrue(self.passes())
        self.assertTrue(self.outage.begun.is_set())

    def test_all_of_it_when_debugging(self) -> None:
        root = logging.getLogger()
        self.addCleanup(root.setLevel, root.level)
        root.setLevel(logging.DEBUG)
        self.passes()
        self.assertTrue(self.passes())

    def test_watches_what_is_logged(self) -> None:
        self.outage.watch()
        logger = logging.getLogger("oslo.messaging._drivers.impl_rabbit")
        self.addCleanup(logger.removeFilter, self.outage)
        excutils = logging.getLogger("oslo_utils.excutils")
        self.addCleanup(excutils.removeFilter, self.outage)
        with self.assertLogs(logger, "ERROR") as logs:
            logger.error("one")
            logger.error("two")
        self.assertEqual(1, len(logs.output))
