"""The auditor's page against the auditor, in a browser."""

import re

import pytest
from browser import PAGE, browser_works, page_reports
from sealed_runs import digests
from sealed_tampering import CHANGES, alone, octets_changed, rewritten, with_digests

from quantum_advantage.sealed.auditor import CANNOT_SEE, FIELDS, FORMAT, NAMES, audit, report


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A browser that works; without one the tests of the page are skipped."""
    if not browser_works(tmp_path_factory.mktemp("browser")):
        pytest.skip("there is no Chromium to open the page")


def test_page_is_one_file_without_network():
    text = PAGE.read_text()
    assert "default-src 'none'" in text
    for word in ("http:", "https:", "src=", "fetch(", "import ", "XMLHttpRequest", "WebSocket"):
        assert word not in text


def test_page_says_what_the_auditor_says():
    text = PAGE.read_text()
    assert f'FORMAT = "{FORMAT}"' in text
    for line in CANNOT_SEE:
        assert line in text
    for fields in FIELDS.values():
        for key in fields:
            assert re.search(rf"\b{key}: ", text), key


def check_reports(cases, folder):
    """Holds the page's reports to the auditor's; the reason of a fault may have other words."""
    faults = 0
    for (files, published), shown in zip(cases, page_reports(cases, folder), strict=True):
        finding = audit(files, published)
        if finding.fault:
            assert f"FAULT: {finding.fault.partition(':')[0]}: " in shown
        else:
            assert shown == report(finding)
        faults += bool(finding.fault)
    return faults


def test_page_reports_as_the_auditor_does(browser, sealed, sealed_single, tmp_path):
    cases = []
    for files in (sealed, sealed_single):
        cases += [(files, []), (files, digests(files)), (files, digests(files)[:4])]
        cases += [({name: files[name] for name in NAMES[:known]}, []) for known in (1, 4, 7)]
    assert check_reports(cases, tmp_path) == 0


def test_page_finds_some_of_what_the_auditor_finds(browser, sealed, tmp_path):
    names = (
        "bit of a record",
        "answer flipped",
        "bit of the seed",
        "smaller p-value",
        "huge number",
    )
    cases = [(write(sealed, name), []) for name in names for write in (alone, with_digests)]
    cases += [({}, []), (sealed, ["none"]), (rewritten(sealed, "smaller alpha"), digests(sealed))]
    assert check_reports(cases, tmp_path) == len(cases)


@pytest.mark.slow
def test_page_finds_all_that_the_auditor_finds(browser, sealed, tmp_path):
    cases = [(write(sealed, name), []) for name in CHANGES for write in (alone, with_digests)]
    cases += [(files, []) for files in octets_changed(sealed).values()]
    assert check_reports(cases, tmp_path) > 100
