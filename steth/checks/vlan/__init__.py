# SPDX-License-Identifier: Apache-2.0
"""``check vlan``: are the VLANs trunked to all hosts?"""
