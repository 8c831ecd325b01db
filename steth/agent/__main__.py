# SPDX-License-Identifier: Apache-2.0
"""Lets ``python -m steth.agent`` be ``steth-agent``."""

import sys

from steth.agent import command

sys.exit(command.main())
