# SPDX-License-Identifier: Apache-2.0
"""What the catalogue holds of each finding code."""

import msgspec

from steth.model import finding


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A finding code and its entry in the documentation."""

    code: str
    severity: finding.Severity
    meaning: str
    proof: str
    remedy: str
