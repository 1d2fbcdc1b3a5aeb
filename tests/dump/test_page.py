"""`docs/dump-log.md` leaves out nothing: no field of the tool, no reason of its complaints, no example of ours."""

from itertools import chain

from tests.dump.complaints import REASONS, complaints
from tests.dump.page import PAGE, rows_of_names, shown_of_the_tool
from tests.dump.prints import CONTROLS, LINES
from tests.dump.test_sayings import SAYINGS

TEXT = PAGE.read_text(encoding="utf-8")


def test_every_field_of_the_tool_stands_beside_ours_in_the_order_it_prints():
    wanted = [(field.theirs, field.ours) for field in chain.from_iterable(LINES.values())]
    assert [row for row in rows_of_names() if row in wanted] == wanted


def test_every_form_of_a_control_record_is_named():
    assert [
        name for name, form in CONTROLS.items() if form.split("{")[0].split()[0] not in TEXT or name not in TEXT
    ] == []


def test_every_reason_of_a_complaint_has_its_paragraph():
    assert [line.removeprefix("### ") for line in TEXT.splitlines() if line.removeprefix("### ") in REASONS] == list(
        REASONS
    )


def test_beside_every_example_of_the_tool_stands_one_of_kinspect():
    blocks = [line.removeprefix("```") for line in TEXT.splitlines() if line in ("```text", "```console")]
    assert blocks == ["text", "text", "console"] + ["text", "console"] * (len(blocks) // 2 - 1)
    assert len(list(shown_of_the_tool())) == blocks.count("text")


def test_every_complaint_about_a_bundled_file_has_a_reason():
    files = sorted({said.directory / said.place for said in SAYINGS})
    assert {complaint.reason for file in files for complaint in complaints(file, "4.3.0")} == set(REASONS)
