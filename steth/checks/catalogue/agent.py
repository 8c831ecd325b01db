# SPDX-License-Identifier: Apache-2.0
"""Findings about the agents themselves."""

from steth.checks.catalogue import entry
from steth.model import finding

AGENT_NO_ANSWER = entry.Entry(
    code="agent-no-answer",
    severity=finding.Severity.CRITICAL,
    meaning=(
        "An agent that should be there, because the configuration, Neutron "
        "or Nova names its host, or because it answered at first, does not "
        "answer. What its host could have told is missing from the report."
    ),
    proof=(
        "It neither announced itself nor answered on the message bus, and "
        "its direct listener did not answer either. Where the address of "
        "the host is known, the other hosts also ping it, to tell an agent "
        "that is down from a host that is."
    ),
    remedy=(
        "On the host, look at 'systemctl status steth-agent' and its log. "
        "If the host itself cannot be reached, repair that first. If it is "
        "the password that is refused, correct [direct_client] or "
        "[DEFAULT] transport_url."
    ),
)
AGENT_OPERATION_FAILED = entry.Entry(
    code="agent-operation-failed",
    severity=finding.Severity.WARNING,
    meaning=(
        "An agent answered, but could not do what it was asked: it is too "
        "old, too busy, or lacks something on its host."
    ),
    proof="The agent's own error message, quoted as evidence.",
    remedy=(
        "As the message says: upgrade the agent, wait for other runs to "
        "end, or install what is missing."
    ),
)
AGENT_TOOL_MISSING = entry.Entry(
    code="agent-tool-missing",
    severity=finding.Severity.INFO,
    meaning="A program that an operation of the agent runs is not there.",
    proof="It was not found where an administrator would find it.",
    remedy="Install the package, if you want to use what needs it.",
)
