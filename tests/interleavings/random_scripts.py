"""Random scripts over the vocabulary, for Hypothesis: a few sessions that want the same few rows."""

from hypothesis import strategies as st

from tests.interleavings.script import Script, Step

SESSIONS = "ABC"

_ports = st.sampled_from(("p1", "p2", "p5"))
_old_ports = st.sampled_from(("p1", "p2"))
_offsets = st.sampled_from(("1", "2", "50"))
_words = st.sampled_from("xyz")
_owners = st.sampled_from(("o1", "o2"))
_leased = st.sampled_from(("p1", "p3"))


def _texts(pattern: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(pattern.format, **parts)


_ACTS = st.one_of(
    _texts("port.lock {port}", port=_ports),
    _texts("port.read {port}", port=_ports),
    _texts("port.update {port} name={word}", port=_ports, word=_words),
    _texts("port.delete {port}", port=_ports),
    _texts("port.insert {port} mac_address={mac}", port=_ports, mac=st.sampled_from(("mac-p1", "mac-p5", "m"))),
    _texts("binding.insert {port}", port=_ports),
    _texts("binding.update {port} host={word}", port=_ports, word=_words),
    _texts("ip_allocation.insert {port} {offset}", port=_ports, offset=_offsets),
    st.just("port.list net"),
    st.just("ip_pool.lock sub"),
    _texts("ip_pool.advance sub {offset}", offset=_offsets),
    _texts("lease.lock {port}", port=_leased),
    _texts("lease.insert {port} {owner}", port=_leased, owner=_owners),
    _texts("lease.take_over {port} {owner} o3", port=_leased, owner=_owners),
    _texts("lease.release {port} {owner}", port=_leased, owner=_owners),
    st.sampled_from(("journal.insert c1 p1 1", "journal.insert c1 p1 2", "journal.delete c1 p1 1")),
    st.sampled_from(("agent.insert h2", "agent.update h1", "agent.update h2", "agent.by_host h1")),
    st.sampled_from(("network.insert n2", "segment.insert s2 n2", "subnet.insert sub2 n2", "ip_pool.insert sub2")),
)
_CROWD = st.one_of(  # one port that all want
    st.just("port.lock p1"),
    st.just("port.update p1 name=x"),
    _texts("ip_allocation.insert p1 {offset}", offset=_offsets),
    st.just("binding.update p1 host=x"),
    st.just("port.delete p1"),
)
_ENDS = st.sampled_from(("commit", "commit", "rollback"))
_STEPS = st.builds(Step, st.sampled_from(SESSIONS), st.one_of(_ACTS, _ACTS, _CROWD, _ENDS))


def scripts(shortest: int = 6, longest: int = 14) -> st.SearchStrategy[Script]:
    """Scripts of so many steps; who is left waiting or open at the end is rolled back."""
    steps = st.lists(_STEPS, min_size=shortest, max_size=longest)
    return steps.map(lambda some: Script("random", "", tuple(some)))
