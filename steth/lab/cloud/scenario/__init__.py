# SPDX-License-Identifier: Apache-2.0
"""What an operator's users have made in the cloud: networks and instances."""
