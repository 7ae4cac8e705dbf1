"""SimRuntime: the same ids for every strategy, locks of a process, sleeping, background work."""

from sim.model.naming import make_id, owner_of
from tests.sim.model.tiny import moves, scripted, tiny


def test_the_first_id_of_an_operation_is_its_ports() -> None:
    with scripted(tiny(workload={"ports": {"initial": 3}})) as script:
        made: list[str] = []
        for number in range(2):
            script.at(number, "create", lambda: made.append(script.system.runtime.new_id()))
        script.run()
        assert made == [script.system.world.port_id(3), script.system.world.port_id(4)]
        assert [owner_of(port_id) for port_id in made] == [3, 4]


def test_ids_look_like_uuids_and_never_repeat() -> None:
    ids = {make_id(0, owner=owner, nth=nth) for owner in range(50) for nth in range(0, 5000, 7)}
    assert len(ids) == 50 * 715
    assert {len(one) for one in ids} == {36}


def test_a_lock_admits_one_of_a_process_at_a_time_in_order() -> None:
    with scripted(tiny(api={"processes": 2})) as script:
        runtime, kernel = script.system.runtime, script.system.kernel

        def locked() -> None:
            with runtime.lock("db-access"):
                kernel.sleep_us(10_000, "test")

        script.at(0, "a", locked)
        script.at(1, "b", locked)
        script.at(2, "c", locked)
        script.at(3, "other process", locked, process=1)
        assert script.run() == ["a done at 10", "other process done at 13", "b done at 20", "c done at 30"]


def test_a_lock_is_given_back_when_its_holder_fails() -> None:
    with scripted(tiny()) as script:

        def fails() -> None:
            with script.system.runtime.lock("x"):
                raise ValueError

        script.at(0, "a", fails)
        script.at(1, "b", fails)
        assert script.run() == ["a ValueError at 0", "b ValueError at 1"]


def test_a_killed_process_gives_up_its_row_locks_and_leaves_no_trace() -> None:
    scenario = tiny(api={"processes": 2}, workload={"ports": {"initial": 1}})
    with scripted(scenario, "in-transaction") as script:
        system = script.system
        script.at(0, "dies", moves(script, 0, "host-1"))
        script.at(100, "lives", moves(script, 0, "host-2"), process=1)
        system.kernel.run(until_us=500_000)
        before = [len(table) for table in system.tables.all()]
        system.crash(system.api.processes[0])
        assert [len(t) for t in system.tables.all()][2] == before[2]  # no transaction of the dead
        assert script.run() == ["lives done at 1500"]
        transactions = system.tables.transactions.frame()
        assert transactions["operation"].tolist() == [1]
        ((host,),) = system.server.committed("SELECT host FROM ml2_port_bindings")
        assert host == "host-2"


def test_background_work_belongs_to_no_operation() -> None:
    scenario = tiny(drivers=[{"name": "odl", "kind": "journal", "controller": "sdn"}], api={"processes": 2})
    with scripted(scenario) as script:
        script.run(until_s=25)
        names = script.system.tables.transactions.frame()
        assert names["operation"].tolist() == [-1, -1, -1]
        assert set(names["name"]) == {"read_journal"}
