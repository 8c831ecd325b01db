# SPDX-License-Identifier: Apache-2.0
"""Steth: does the network of an OpenStack cloud work, and if not, why."""
