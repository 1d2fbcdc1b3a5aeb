"""What brokers left behind in order gives no finding about producers, snapshots or aborted transactions."""

from __future__ import annotations

import pytest

from inspector.reports.integrity import integrity
from inspector.reports.selection import Selection

ABOUT_THEM = ("KI-43", "KI-401")
"""The codes of these rules, and of the files that they read."""

OPEN_AT_THE_END = {
    "kafka-3.6.0-stopped": 1, "kafka-3.6.0-killed": 1, "kafka-3.6.0-kraft": 1, "kafka-3.6.0-rich": 5,
    "kafka-4.3.0-stopped": 1, "kafka-4.3.0-killed": 1, "kafka-4.3.0-rich": 5,
}  # fmt: skip
"""The recipes leave so many transactions open, in `transactions` and in `ledger`."""


@pytest.mark.usefixtures("each_engine")
def test_real_directories_have_nothing_but_open_transactions(real_dirs) -> None:
    found = {}
    for name, directory in real_dirs.items():
        report = integrity([directory], Selection())
        for section in report.sections:
            list(section.rows)
        slugs = [finding.slug for finding in report.findings if finding.code.startswith(ABOUT_THEM)]
        assert set(slugs) <= {"open-transaction"}, name
        found[name] = len(slugs)
    assert {name: count for name, count in found.items() if count} == OPEN_AT_THE_END
