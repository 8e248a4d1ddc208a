"""Who hears of a change: what the lists of the interface show them, and nothing beside it."""

from crisispool.domain.news import News, NewsKind, heard, listener
from crisispool.domain.organisation import Actor, OrganisationKind, Role

HERE, ELSEWHERE = frozenset({"net"}), frozenset({"other"})

UNIT = News(NewsKind.UNITS, HERE, "iz-room", "ocmw_izegem", status=True)
SHARED = News(NewsKind.UNITS, HERE | ELSEWHERE, "wi-flat", "ocmw_wielsbeke", status=True)
INSIDE = News(NewsKind.UNITS, HERE, "iz-room", "ocmw_izegem")
FAR = News(NewsKind.UNITS, ELSEWHERE, "far-1", "far_ocmw", status=True)
REQUEST = News(NewsKind.REQUESTS, HERE, asked_by="nurse")
CASE, DUTY = News(NewsKind.CASES, HERE), News(NewsKind.DUTY, HERE)
ALL = (FAR, SHARED, UNIT, REQUEST, CASE, DUTY)


def told(
    name: str, *roles: Role, home: str | None = None, news: tuple[News, ...] = ALL
) -> dict[str, tuple[str, ...]]:
    actor = Actor(name, "net", home, OrganisationKind.OCMW, frozenset(roles))
    return {str(kind): ids for kind, ids in heard(listener(actor), news).items()}


def test_the_desk_hears_of_all_units_of_the_network_and_of_none_elsewhere() -> None:
    everything = {"units": ("iz-room", "wi-flat"), "requests": (), "duty": (), "cases": ()}
    assert told("calltaker", Role.CALLTAKER) == everything
    assert told("coordinator", Role.COORDINATOR) == everything


def test_outreach_hears_of_cases_and_that_a_unit_is_something_else_and_not_which() -> None:
    assert told("worker", Role.SUPPORT_WORKER) == {"units": (), "duty": (), "cases": ()}
    assert told("worker", Role.SUPPORT_WORKER, news=(INSIDE,)) == {}
    assert told("calltaker", Role.CALLTAKER, news=(INSIDE,)) == {"units": ("iz-room",)}


def test_outreach_that_owns_units_hears_which_of_those_while_it_is_about_no_others() -> None:
    both = (Role.SUPPORT_WORKER, Role.UNIT_MANAGER)
    for news in ((INSIDE,), (UNIT,)):
        assert told("ocmw", *both, home="ocmw_izegem", news=news) == {"units": ("iz-room",)}
    assert told("ocmw", *both, home="ocmw_izegem", news=(UNIT, SHARED)) == {"units": ()}


def test_an_owner_hears_of_the_own_units_alone() -> None:
    assert told("owner", Role.UNIT_MANAGER, home="ocmw_izegem") == {"units": ("iz-room",), "duty": ()}
    assert told("owner", Role.UNIT_MANAGER, home="ocmw_tielt") == {"duty": ()}


def test_who_asked_for_a_bed_hears_of_the_own_request_alone() -> None:
    assert told("nurse", Role.REFERRER) == {"requests": (), "duty": ()}
    assert told("police", Role.REFERRER) == {"duty": ()}


def test_who_sees_no_list_hears_of_duty_alone() -> None:
    assert told("council", Role.COUNCIL) == told("admin", Role.ADMIN) == {"duty": ()}


def test_two_with_the_same_rights_listen_as_one() -> None:
    calltakers = [Actor(name, "net", None, None, frozenset({Role.CALLTAKER})) for name in ("one", "two")]
    assert len({listener(actor) for actor in calltakers}) == 1
