# SPDX-License-Identifier: Apache-2.0
"""What the lab reports when it cannot do what it was asked."""


class LabError(Exception):
    """Something is wrong with the lab; the message says what to do."""
