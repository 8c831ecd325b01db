#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Prints the address of a lease and changes nothing: called by udhcpc.
[ "$1" != bound ] || echo "${ip:?}"
