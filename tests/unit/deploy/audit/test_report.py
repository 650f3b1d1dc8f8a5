from deploy.audit.report import EXAMPLES, Report


def test_a_report_counts_all_and_keeps_few_examples() -> None:
    report = Report()
    for n in range(1000):
        report.add("PENDING", "còn chờ", "left pending", str(n))
    assert not report.clean
    finding = report.findings["PENDING"]
    assert (finding.count, finding.examples) == (1000, [str(n) for n in range(EXAMPLES)])


def test_a_report_without_findings_is_clean() -> None:
    assert Report().clean
