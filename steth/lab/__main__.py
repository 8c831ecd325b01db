# SPDX-License-Identifier: Apache-2.0
"""``python -m steth.lab``."""

import sys

from steth.lab import command

if __name__ == "__main__":
    sys.exit(command.main())
