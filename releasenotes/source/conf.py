# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the release notes."""

extensions = ["openstackdocstheme", "reno.sphinxext"]

project = "Steth Release Notes"
copyright = "Steth contributors"
# They cover many.
release = ""
version = ""

html_theme = "openstackdocs"
openstackdocs_repo_name = "openstack/steth"
openstackdocs_auto_name = False
openstackdocs_auto_version = False
