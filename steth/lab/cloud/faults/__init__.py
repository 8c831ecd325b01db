# SPDX-License-Identifier: Apache-2.0
"""The faults that can be put into a cloud."""
