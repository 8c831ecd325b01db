# SPDX-License-Identifier: Apache-2.0
"""How Sphinx builds the documentation."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "_ext"))

extensions = [
    "cliff.sphinxext",
    "finding_codes",
    "lab_faults",
    "openstackdocstheme",
    "oslo_config.sphinxconfiggen",
    "oslo_config.sphinxext",
]

project = "Steth"
copyright = "Steth contributors"
nitpicky = True

html_theme = "openstackdocs"
html_static_path = ["_static"]

openstackdocs_repo_name = "openstack/steth"
openstackdocs_auto_name = False
openstackdocs_pdf_link = False

autoprogram_cliff_application = "openstack"
# Those of cliff, the same for every command.
autoprogram_cliff_ignored = [
    "--column",
    "--fit-width",
    "--format",
    "--help",
    "--max-width",
    "--noindent",
    "--prefix",
    "--print-empty",
    "--quote",
    "--sort-ascending",
    "--sort-column",
    "--sort-descending",
]

config_generator_config_file = "../../etc/oslo-config-generator/steth.conf"
sample_config_basename = "_static/steth"
