# SPDX-License-Identifier: Apache-2.0
"""``check gateway``: does each gateway answer all that should reach it?"""
