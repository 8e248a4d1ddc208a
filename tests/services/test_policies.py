"""Settings of a network: who decided each, changing one, and what region files leave alone."""

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from crisispool.domain.errors import BadInput
from crisispool.domain.organisation import PolicyVersion
from crisispool.domain.policy import Policy
from crisispool.domain.policy_settings import BY_NAME, SETTINGS, SettingKind, with_value, written
from crisispool.domain.record import AuditEntry
from crisispool.domain.rounds import Round, RoundKind
from crisispool.services.policies import SettingAsk
from crisispool.services.region_file import check_region
from tests.support.night import Night, refusal

DECIDED = SettingAsk(("12",), "stuurgroep", date(2026, 11, 20), 1)


async def change(night: Night, name: str, ask: SettingAsk, by: str = "coordinator") -> int:
    policies = night.app.office.policies
    return (await policies.change(await night.actor(by), night.op(), name, ask)).version


def test_every_setting_of_the_policy_can_be_read_and_written_as_it_is() -> None:
    policy = Policy()
    assert {each.name for each in SETTINGS} == {*Policy.__dataclass_fields__} - {"version"}
    for setting in SETTINGS:
        if setting.kind is not SettingKind.SWITCH:
            assert with_value(policy, setting, written(setting, policy)) == policy, setting.name


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("hold_for", ("0",), "out_of_range"),
        ("hold_for", ("61",), "out_of_range"),
        ("hold_for", ("-5",), "wrong_type"),
        ("hold_for", ("²",), "wrong_type"),
        ("hold_for", (), "missing"),
        ("override_nights", ("15",), "out_of_range"),
        ("stay_policy", ("soft",), "not_a_choice"),
        ("checkout_at", ("25:00",), "not_a_time"),
        ("checkout_at", ("10:00:30",), "not_a_time"),
        ("checkout_at", ("02:30",), "clock_change"),
        ("backup_at", ("07:59",), "out_of_order"),
        ("first_contact_by", ("09:59",), "out_of_order"),
        ("untaken_steps", ("5", "10"), "missing"),
        ("untaken_steps", ("5", "5", "15"), "not_rising"),
        ("proposal_order", ("near",) * 7, "each_once"),
        ("cold_weather", ("on",), "not_a_choice"),
    ],
)
def test_what_cannot_be_a_value_is_told(name: str, value: tuple[str, ...], problem: str) -> None:
    with pytest.raises(BadInput) as no:
        with_value(Policy(), BY_NAME[name], value)
    assert no.value.facts == {"field": "value", "problem": problem}


async def test_a_changed_setting_is_a_new_version_and_what_was_given_keeps_its_own(night: Night) -> None:
    hold = await night.hold(await night.request(), "in-house")
    assert await change(night, "hold_for", DECIDED) == 2
    assert hold.until == (await night.hold(await night.request(), "iz-house")).until - timedelta(minutes=2)
    booking = await night.book(await night.request(), "in-studio")
    assert booking.id
    [entry] = await night.rows(AuditEntry, action="policy.changed")
    assert (entry.actor, entry.details) == ("coordinator", {"setting": "hold_for", "version": 2})
    found = await night.app.office.policies.one(await night.actor("admin"), "hold_for")
    assert (found.version, found.now.value) == (2, ("12",))
    assert (found.now.decision.by, found.now.decision.on) == ("stuurgroep", date(2026, 11, 20))
    changed, first = found.history
    assert (changed.before, changed.after, changed.who) == (("10",), ("12",), "coordinator")
    assert (first.before, first.after, first.who) == ((), ("10",), "")
    other = await night.app.office.policies.one(await night.actor("admin"), "near_km")
    assert (other.now.decision.since, len(other.history)) == (1, 1)


async def test_a_change_asks_for_the_version_that_was_looked_at_and_for_who_decided(night: Night) -> None:
    assert await change(night, "hold_for", replace(DECIDED, decided_by="", decided_on=None)) == 2
    assert (await refusal(change(night, "near_km", DECIDED))).code == "version_passed"
    now = replace(DECIDED, version=2)
    nobody = await refusal(change(night, "hold_for", replace(now, decided_by="  ")))
    assert nobody.facts == {"field": "decided_by", "problem": "missing"}
    tomorrow = await refusal(change(night, "hold_for", replace(now, decided_on=date(2026, 11, 29))))
    assert tomorrow.facts == {"field": "decided_on", "problem": "not_yet"}
    assert (await refusal(change(night, "hold_for", now, by="admin"))).code == "not_your_role"
    assert (await refusal(change(night, "cold_weather", now))).code == "not_there"
    assert await change(night, "hold_for", now) == 3, "the same value, and now it is decided"
    assert (await refusal(change(night, "hold_for", replace(now, version=3)))).code == "nothing_changed"
    [confirmed, *_] = await night.app.office.policies.history(await night.actor("coordinator"))
    assert confirmed.before == confirmed.after == ("12",)


async def test_a_round_goes_by_its_new_hour_the_same_day(night: Night) -> None:
    await night.until("2026-11-30 09:00")
    ask = SettingAsk(("11:00",), "", None, 1)
    await change(night, "units_round_at", ask)
    await night.until("2026-11-30 11:00")
    assert await night.told("units_round")
    [round_] = [each for each in await night.rows(Round) if each.kind is RoundKind.UNITS]
    assert night.brussels(round_.due_at).time() == time(11)


async def test_what_a_coordinator_decided_outlives_a_region_file_that_says_nothing_new(night: Night) -> None:
    text = (Path(__file__).parents[2] / "deploy" / "regions" / "pilot.toml").read_text("utf-8")
    files, policies = night.app.region_files, night.app.office.policies

    async def load(text: str) -> int:
        region = check_region(text, "pilot.toml")
        assert not isinstance(region, list)
        return (await files.load(region)).policy_version

    assert await load(text) == 1
    actor = replace(await night.actor("coordinator"), network_id="pilot")
    await policies.change(actor, night.op(), "hold_for", DECIDED)
    assert await load(text) == 2, "the file said so before"
    assert await load(text.replace("near_km = 15", "near_km = 20")) == 3
    now = {each.setting.name: each for each in (await policies.all(actor)).settings}
    assert (now["hold_for"].value, now["near_km"].value) == (("12",), ("20",))
    assert (now["hold_for"].decision.by, now["near_km"].decision.on) == ("stuurgroep", None)
    decided = text.replace("provisional = true", 'decided_by = "bestuur"\ndecided_on = 2026-11-25')
    assert await load(decided.replace("near_km = 15", "near_km = 20")) == 4
    now = {each.setting.name: each for each in (await policies.all(actor)).settings}
    assert (now["hold_for"].value, now["hold_for"].decision.by) == (("12",), "stuurgroep")
    assert (now["near_km"].decision.by, now["landing"].decision.by) == ("bestuur", "bestuur")
    assert await load(decided.replace("near_km = 15", "near_km = 20")) == 4
    assert len(await night.rows(PolicyVersion, network_id="pilot")) == 4
