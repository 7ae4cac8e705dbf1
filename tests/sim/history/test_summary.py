import pickle

from core.binding.promises import PROPERTIES
from sim import check, load_scenario, run
from sim.history import Report
from sim.history.summary import meaning, summarized


def report() -> Report:
    """A run that leaves reservations behind."""
    history = run(load_scenario("live_migration", ["horizon.duration_s=12"]), strategy="deferred", history=True).history
    assert history is not None
    return check(history)


def test_a_summary_has_the_verdicts_and_the_first_findings_in_words() -> None:
    found = report()
    summary = summarized(found)
    [agreement] = [each for each in summary.properties if each.name == "agreement"]
    findings = found.verdicts["agreement"].findings
    assert (agreement.word, agreement.promised, agreement.violations) == ("violated", False, len(findings))
    cause = agreement.causes[0]
    of_it = [finding for finding in findings if finding.cause == cause.name]
    assert (cause.certain, cause.count, len(cause.examples)) == (True, len(of_it), min(3, len(of_it)))
    assert cause.examples[0].evidence == tuple(found.evidence(of_it[0]))
    assert cause.examples[0].says == of_it[0].says
    assert sum(each.count for each in agreement.causes) == len(findings) > 10


def test_a_summary_is_called_what_results_call_the_run_and_says_what_repeats_it() -> None:
    plain, named = summarized(report()), summarized(report(), label="deferred#2", replication=4)
    assert (plain.label, plain.replication, plain.draw) == ("deferred", 0, 0)
    assert (named.label, named.replication, named.strategy) == ("deferred#2", 4, "deferred")
    assert (named.seed, named.draw) == (1, 0)


def test_a_summary_can_be_handed_on_by_a_process_and_is_small() -> None:
    summary = summarized(report())
    packed = pickle.dumps(summary)
    assert pickle.loads(packed) == summary
    assert len(packed) < 5000


def test_every_property_has_a_meaning_in_a_sentence_of_its_own() -> None:
    meanings = {name: meaning(name) for name in PROPERTIES}
    assert len(set(meanings.values())) == len(PROPERTIES)
    for name, text in meanings.items():
        assert text.endswith(".")
        assert not text.startswith(name)
        assert "\n" not in text
