# SPDX-License-Identifier: Apache-2.0
"""Can all hosts talk, on every network, at full packet size?"""
