# SPDX-License-Identifier: Apache-2.0
"""``check multicast``: does what is sent to a group reach all hosts?"""
