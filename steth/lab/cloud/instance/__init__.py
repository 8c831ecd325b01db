# SPDX-License-Identifier: Apache-2.0
"""Instances: namespaces inside a compute, plugged as Nova plugs them."""
