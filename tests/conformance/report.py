"""Tells how the conformance tests went, and whether everything that failed was to be expected.

usage: report.py RESULTS EXPLAINED

RESULTS is a folder with `listed.txt`, the tests that there are; `selected.txt`, those that were to
be run; and `stream`, what stestr has recorded. It gets `results.txt`, a line for each test, and
`failures.txt`, why each failure failed.

EXPLAINED has reasons, and under each, indented, the names of the tests that fail for it. The exit
status is 1 if anything else failed, or if one of these passes or does not exist.
"""

import collections
import pathlib
import re
import sys

import subunit
import testtools

OK, FAILED, SKIPPED = "ok", "FAIL", "skip"
# How a stream's words for the end of a test are told.
FATES = {"success": OK, "xfail": OK, "skip": SKIPPED}
# What happens to a class as a whole is reported as if it were a test of this name.
OF_A_CLASS = re.compile(r"(?P<what>setUpClass|tearDownClass) \((?P<name>.*)\)")
# The attachments that say why a test ended as it did.
TELLING = ("reason", "traceback", "traceback-1")

Outcome = collections.namedtuple("Outcome", "fate why")


def plain(test_id):
    """The name of a test, without its labels: `a.B.c[id-…,smoke](raw)` is `a.B.c(raw)`."""
    return re.sub(r"\[[^]]*\]", "", test_id)


def names_in(file):
    """The names of the tests that a file lists."""
    return [plain(line.strip()) for line in file.read_text().splitlines()]


def recorded(stream):
    """The outcome of everything in a stream, by name."""
    outcomes = {}

    def keep(test):
        fate = FATES.get(test["status"], FAILED)
        # The log of its requests would hide why it ended so.
        told = [detail.as_text() for name, detail in test["details"].items() if name in TELLING]
        outcomes[plain(test["id"])] = Outcome(fate, "\n".join(told).strip())

    result = testtools.StreamToDict(keep)
    result.startTestRun()
    with open(stream, "rb") as source:
        subunit.ByteStreamToStreamResult(source, non_subunit_name="output").run(result)
    result.stopTestRun()
    return outcomes


def outcomes_of(selected, stream):
    """The outcome of each selected test, and of each class that could not be left in good order."""
    found = recorded(stream)
    begun, ended = {}, {}
    for name, outcome in found.items():
        if matched := OF_A_CLASS.fullmatch(name):
            (begun if matched["what"] == "setUpClass" else ended)[matched["name"]] = outcome
    outcomes = {}
    for name in selected:
        of_class = begun.get(name.split("(")[0].rpartition(".")[0])
        outcomes[name] = found.get(name) or of_class or Outcome(FAILED, "it has no result")
    for name, outcome in ended.items():
        if outcome.fate == FAILED:
            outcomes[f"{name}.tearDownClass"] = outcome
    return outcomes


def explanations(file):
    """The reason for each test that is known to fail."""
    reasons, reason = {}, None
    for line in file.read_text().splitlines():
        if line.startswith(" "):
            reasons[line.strip()] = reason
        elif line and not line.startswith("#"):
            reason = line
    return reasons


def write_results(folder, outcomes):
    """Writes what others may read, with the reasons."""
    with open(folder / "results.txt", "w") as results, open(folder / "failures.txt", "w") as failures:
        for name, (fate, why) in sorted(outcomes.items()):
            results.write(f"{fate} {name}{f': {why}' if fate == SKIPPED else ''}\n")
            if fate == FAILED:
                failures.write(f"{name}\n{why}\n\n")


def judge(outcomes, listed, reasons):
    """What is not as it is explained, as lines to be told."""
    faults = []
    for name, (fate, why) in sorted(outcomes.items()):
        if fate == FAILED and name not in reasons:
            faults.append(f"FAIL {name}: {why.splitlines()[-1] if why else ''}")
        if fate == OK and name in reasons:
            faults.append(f"PASS {name}, of which explained.txt says: {reasons[name]}")
    unknown = sorted(set(reasons) - set(listed) - set(outcomes))
    return faults + [f"NONE {name}: no test has this name, but explained.txt" for name in unknown]


def main(folder, explained):
    """As the head of this file says."""
    listed, selected = names_in(folder / "listed.txt"), names_in(folder / "selected.txt")
    outcomes = outcomes_of(selected, folder / "stream")
    write_results(folder, outcomes)

    skipped = collections.Counter(why for fate, why in outcomes.values() if fate == SKIPPED)
    for why, count in skipped.most_common():
        print(f"{count:4} skipped: {why}")
    reasons = explanations(explained)
    failed = collections.Counter(reasons.get(name) for name, outcome in outcomes.items() if outcome.fate == FAILED)
    for reason, count in failed.items():
        print(f"{count:4} failed: {reason or 'unexplained'}")
    faults = judge(outcomes, listed, reasons)
    for fault in faults:
        print(fault)
    fates = collections.Counter(outcome.fate for outcome in outcomes.values())
    run = fates[OK] + fates[FAILED]
    print(f"{run} tests run: {fates[OK]} passed, {fates[FAILED]} failed; {fates[SKIPPED]} skipped")
    print(f"details are in {folder}")
    return 1 if faults else 0


if __name__ == "__main__":
    # 2, as an exception's 1 would be taken for a verdict.
    try:
        STATUS = main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    except Exception as error:  # pylint: disable=broad-except
        print(f"there is no report: {error!r}", file=sys.stderr)
        STATUS = 2
    sys.exit(STATUS)
