# SPDX-License-Identifier: Apache-2.0
"""Whether instances can do what they should: judged without Steth."""
