# SPDX-License-Identifier: Apache-2.0
"""``check rogue-dhcp``: who gives addresses away that should not?"""
