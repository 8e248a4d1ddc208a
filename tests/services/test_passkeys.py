"""Coming in with a browser: invited by one, let in by code, signed in with a passkey; out when it is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from crisispool.domain.errors import NotThere, Refusal
from crisispool.domain.messenger import Invitation
from crisispool.domain.organisation import Colleague, Role, RoleGrant
from crisispool.domain.passkey import Passkey, SignInChallenge
from crisispool.domain.record import AuditEntry, Message
from crisispool.domain.web_session import WebSession
from crisispool.ports import Store, Transaction
from crisispool.services.messenger.invitations import InviteAsk
from crisispool.services.sign_in.ceremony import site_of
from crisispool.services.sign_in.challenges import Challenges
from crisispool.services.sign_in.passkeys import Passkeys
from crisispool.services.sign_in.tries import FROM_ONE
from crisispool.services.web_sessions import Entered, WebSessions
from tests.support.authenticator import Authenticator
from tests.support.night import Night, refusal

WORKER = InviteAsk(Role.SUPPORT_WORKER, "caw")


async def invite(night: Night, ask: InviteAsk = WORKER, by: str = "coordinator") -> tuple[str, str]:
    """The id and the secret of an invitation."""
    made = await night.app.invitations.invite(await night.actor(by), night.op(), ask)
    return made.id, made.token


async def comes_in(night: Night, token: str, phone: Authenticator, language: str = "nl") -> str:
    asked = await night.app.coming_in.ask(token, "begeleider")
    return await night.app.coming_in.come_in(token, phone.make(asked), language)


async def let_in(
    night: Night, phone: Authenticator, ask: InviteAsk = WORKER, by: str = "coordinator"
) -> None:
    invitation_id, token = await invite(night, ask)
    await comes_in(night, token, phone)
    await night.app.invitations.approve(await night.actor(by), night.op(), invitation_id)


async def signs_in(night: Night, phone: Authenticator) -> Entered:
    done = await night.app.passkeys.sign_in(phone.sign(await night.app.passkeys.ask_to_sign_in()))
    entered = await night.app.web_sessions.find(done.secret)
    assert entered is not None, done
    return entered


async def test_who_is_invited_makes_a_passkey_reads_out_a_code_and_signs_in_once_let_in(night: Night) -> None:
    phone = Authenticator()
    invitation_id, token = await invite(night)
    seen = await night.app.coming_in.look(token)
    assert (seen.role, seen.where, seen.colleague) == (Role.SUPPORT_WORKER, "CAW", "")
    code = await comes_in(night, token, phone, "fr")
    [told] = await night.rows(Message)
    assert (told.recipient_id, told.key) == ("coordinator", "newcomer.support_worker")
    assert told.facts == {"organisation": "CAW", "entry_code": code}

    passkeys = night.app.passkeys
    waiting = await passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in()))
    assert (waiting.secret, waiting.code) == ("", code), "until then they are shown the code again"

    await night.app.invitations.approve(await night.actor("coordinator"), night.op(), invitation_id)
    entered = await signs_in(night, phone)
    assert (entered.actor.roles, entered.actor.organisation_id) == (frozenset({Role.SUPPORT_WORKER}), "caw")
    assert entered.actor.language == "fr" and entered.fresh
    done = {each.action for each in await night.rows(AuditEntry)}
    assert {"invitation.used", "invitation.approved", "passkey.made", "session.opened"} <= done


async def test_an_invitation_lets_one_browser_in_for_a_day(night: Night) -> None:
    _, token = await invite(night)
    asked = [await night.app.coming_in.ask(token, "x") for _ in range(2)]
    answers = [Authenticator().make(each) for each in asked]
    done = await asyncio.gather(
        *(night.app.coming_in.come_in(token, each, "nl") for each in answers), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["NotThere", "str"]
    assert len(await night.rows(Passkey)) == 1
    assert isinstance(await refusal(night.app.coming_in.look(token)), NotThere)
    _, late = await invite(night)
    night.later(hours=24)
    for made_up in (late, "x" * 40, ""):
        assert isinstance(await refusal(night.app.coming_in.look(made_up)), NotThere)


async def test_who_is_not_let_in_has_no_passkey(night: Night) -> None:
    phone = Authenticator()
    invitation_id, token = await invite(night)
    await comes_in(night, token, phone)
    await night.app.invitations.refuse(await night.actor("coordinator"), night.op(), invitation_id)
    passkeys = night.app.passkeys
    no = await refusal(passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in())))
    assert no.code == "passkey_refused" and await night.rows(Passkey) == []


async def test_a_colleague_who_is_there_gets_in_as_who_they_are(night: Night) -> None:
    phone = Authenticator()
    await let_in(night, phone, InviteAsk(Role.COORDINATOR, colleague_id="calltaker"))
    entered = await signs_in(night, phone)
    assert entered.actor.colleague_id == "calltaker"
    assert {Role.CALLTAKER, Role.COORDINATOR} <= entered.actor.roles
    assert len(await night.rows(RoleGrant, colleague_id="calltaker")) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8081"},
        {"origin": "http://127.0.0.1:8080"},
        {"type": "webauthn.create"},
        {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=lambda changes: next(iter(changes)),
)
async def test_an_answer_from_elsewhere_or_to_another_question_is_refused(
    night: Night, changes: dict[str, str]
) -> None:
    phone = Authenticator()
    await let_in(night, phone)
    asked = await night.app.passkeys.ask_to_sign_in()
    assert (await refusal(night.app.passkeys.sign_in(phone.sign(asked, **changes)))).code == "passkey_refused"


async def test_an_answer_works_once_and_for_five_minutes(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    answer = phone.sign(await passkeys.ask_to_sign_in())
    assert (await passkeys.sign_in(answer)).secret
    assert (await refusal(passkeys.sign_in(answer))).code == "passkey_refused"
    asked = await passkeys.ask_to_sign_in()
    night.later(minutes=5)
    assert (await refusal(passkeys.sign_in(phone.sign(asked)))).code == "passkey_refused"
    await passkeys.ask_to_sign_in()
    assert len(await night.rows(SignInChallenge)) == 1, "what nobody answered is cleared away"


async def test_a_wrong_answer_uses_its_question_up(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    asked = await passkeys.ask_to_sign_in()
    await refusal(passkeys.sign_in(phone.sign(asked, origin="https://evil.example")))
    assert (await refusal(passkeys.sign_in(phone.sign(asked)))).code == "passkey_refused"


async def test_a_question_is_for_one_ceremony_about_one_thing(night: Night) -> None:
    phone, coming_in = Authenticator(), night.app.coming_in
    _, mine = await invite(night)
    _, other = await invite(night)
    asked = await coming_in.ask(other, "x")
    assert (await refusal(coming_in.come_in(mine, phone.make(asked), "nl"))).code == "passkey_refused"
    to_sign = json.loads(await night.app.passkeys.ask_to_sign_in())
    crossed = json.dumps({**json.loads(asked), "challenge": to_sign["challenge"]})
    assert (await refusal(coming_in.come_in(mine, phone.make(crossed), "nl"))).code == "passkey_refused"


async def test_only_the_key_that_was_made_opens(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    forger = Authenticator(credential_id=phone.credential_id, user_handle=phone.user_handle, count=99)
    stranger = Authenticator(user_handle=phone.user_handle)
    other_person = replace(phone, user_handle="A" * 44, count=99)
    nobody_checked = replace(phone, verifies=False, count=99)
    counted_back = replace(phone, count=-1)
    await signs_in(night, phone)
    for wrong in (forger, stranger, other_person, nobody_checked, counted_back):
        asked = await passkeys.ask_to_sign_in()
        assert (await refusal(passkeys.sign_in(wrong.sign(asked)))).code == "passkey_refused"
    await signs_in(night, phone)


async def test_without_looking_at_the_person_no_passkey_is_made(night: Night) -> None:
    _, token = await invite(night)
    no = await refusal(comes_in(night, token, Authenticator(verifies=False)))
    assert no.code == "passkey_refused"
    await comes_in(night, token, Authenticator())


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"response": 1}', "x" * 20_000, "[" * 9_000])
async def test_whatever_is_sent_instead_of_an_answer_is_refused(night: Night, answer: str) -> None:
    assert (await refusal(night.app.passkeys.sign_in(answer))).code == "passkey_refused"


async def test_a_passkey_of_somebody_else_is_not_taken_twice(night: Night) -> None:
    phone = Authenticator()
    await let_in(night, phone)
    _, token = await invite(night)
    assert (await refusal(comes_in(night, token, phone))).code == "passkey_refused"
    [invitation] = await night.rows(Invitation, used_at=None)
    assert invitation.decided_at is None, "the invitation is still good"


async def test_a_second_passkey_has_a_name_and_the_last_one_stays(night: Night) -> None:
    phone, laptop, passkeys = Authenticator(), Authenticator(), night.app.passkeys
    await let_in(night, phone)
    entered = await signs_in(night, phone)
    night.later(seconds=1)
    asked = await passkeys.ask_for_one_more(entered)
    assert len(json.loads(asked)["excludeCredentials"]) == 1
    added = await passkeys.add(entered, "  Laptop  ", laptop.make(asked))
    assert added.name == "Laptop"
    assert (await signs_in(night, laptop)).actor == entered.actor
    first, second = await passkeys.list(entered)
    stolen = (await passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in()))).secret
    assert await night.app.web_sessions.find(stolen) is not None
    await passkeys.remove(entered, first.id)
    assert await night.app.web_sessions.find(stolen) is None
    assert [each.this for each in await night.app.web_sessions.list(entered)] == [True]
    assert (await refusal(passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in())))).code == (
        "passkey_refused"
    )
    assert (await refusal(passkeys.remove(entered, second.id))).code == "last_passkey"
    assert isinstance(await refusal(passkeys.remove(entered, first.id)), NotThere)


async def test_a_passkey_without_a_name_is_not_added(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    entered = await signs_in(night, phone)
    asked = await passkeys.ask_for_one_more(entered)
    for name in (" ", "x" * 61, "a\u202eb"):
        assert (await refusal(passkeys.add(entered, name, Authenticator().make(asked)))).facts[
            "field"
        ] == "name"
    await passkeys.add(entered, "Nog een", Authenticator().make(asked))


async def test_nobody_takes_away_the_passkey_of_somebody_else(night: Night) -> None:
    phone, other, passkeys = Authenticator(), Authenticator(), night.app.passkeys
    await let_in(night, phone)
    await let_in(night, other)
    [theirs] = await passkeys.list(await signs_in(night, other))
    assert isinstance(await refusal(passkeys.remove(await signs_in(night, phone), theirs.id)), NotThere)


async def test_who_lost_it_is_invited_anew_and_what_was_there_opens_nothing(night: Night) -> None:
    old, new = Authenticator(), Authenticator()
    await let_in(night, old, InviteAsk(colleague_id="calltaker"))
    entered = await signs_in(night, old)
    made = await invite(night, InviteAsk(colleague_id="calltaker", anew=True))
    living = [each.id for each in await night.app.web_sessions.list(entered)]
    assert living == [], "at once, before anybody opens it"
    no = await refusal(signs_in(night, old))
    assert no.code == "passkey_refused"
    await comes_in(night, made[1], new)
    await night.app.invitations.approve(await night.actor("coordinator"), night.op(), made[0])
    assert (await signs_in(night, new)).actor.colleague_id == "calltaker"
    removed = await night.rows(AuditEntry, action="passkey.removed")
    assert [each.actor for each in removed] == ["coordinator"]


async def test_who_is_invited_anew_has_no_older_way_in(night: Night) -> None:
    finder, again = Authenticator(), InviteAsk(colleague_id="calltaker")
    used_id, used = await invite(night, again)
    await comes_in(night, used, finder)
    _, unused = await invite(night, again)
    _, fresh = await invite(night, replace(again, anew=True))
    assert isinstance(await refusal(night.app.coming_in.look(unused)), NotThere)
    approving = night.app.invitations.approve(await night.actor("coordinator"), night.op(), used_id)
    assert (await refusal(approving)).code == "invitation_decided"
    assert await night.rows(Passkey) == []
    assert (await night.app.coming_in.look(fresh)).colleague == "calltaker"


class Interrupted:
    """A store in which something else happens before the unit of work with this number."""

    def __init__(self, store: Store, number: int, doing: Callable[[], Awaitable[object]]) -> None:
        self._store, self._left, self._doing = store, number, doing
        self.reading, self.close = store.reading, store.close

    @property
    def done(self) -> bool:
        """Whether it happened."""
        return self._left <= 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._left -= 1
        if self._left == 0:
            await self._doing()
        async with self._store.transaction() as tx:
            yield tx


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_whoever_is_invited_anew_in_the_middle_of_signing_in_is_not_signed_in(
    night: Night, number: int
) -> None:
    phone, again = Authenticator(), InviteAsk(colleague_id="calltaker", anew=True)
    await let_in(night, phone, replace(again, anew=False))
    answer = phone.sign(await night.app.passkeys.ask_to_sign_in())
    store = Interrupted(night.store, number, lambda: invite(night, again))
    parts = replace(night.app.parts, store=store)
    sessions, challenges = WebSessions(parts, night.clock), Challenges(store, night.clock)
    passkeys = Passkeys(parts, night.app.passkeys.site, sessions, challenges)
    with suppress(Refusal):
        await passkeys.sign_in(answer)
    if not store.done:
        await invite(night, again)
    assert await night.rows(WebSession, ended_at=None) == []


async def test_signing_in_once_more_makes_the_session_fresh_again(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    secret = (await passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in()))).secret
    night.later(minutes=6)
    stale = await night.app.web_sessions.find(secret)
    assert stale is not None and not stale.fresh
    done = await passkeys.sign_in(phone.sign(await passkeys.ask_to_sign_in()), stale)
    again = await night.app.web_sessions.find(secret)
    assert done.secret == "" and again is not None and again.fresh


async def test_who_does_not_work_here_any_more_does_not_get_in(night: Night) -> None:
    phone = Authenticator()
    await let_in(night, phone, InviteAsk(colleague_id="calltaker"))
    async with night.store.transaction() as tx:
        [colleague] = await tx.find(Colleague, id="calltaker")
        await tx.save(replace(colleague, active=False))
    assert (await refusal(signs_in(night, phone))).code == "passkey_refused"


async def test_nothing_personal_is_kept_in_the_open(night: Night) -> None:
    phone, passkeys = Authenticator(), night.app.passkeys
    await let_in(night, phone)
    entered = await signs_in(night, phone)
    await passkeys.add(
        entered, "Gsm van Canary", Authenticator().make(await passkeys.ask_for_one_more(entered))
    )
    assert "Canary" not in repr([await night.rows(Passkey), await night.rows(AuditEntry)])


async def test_too_many_tries_from_one_address_are_stopped_for_a_minute_and_keep_nobody_else_out(
    night: Night,
) -> None:
    tries = night.app.tries
    for number in range(FROM_ONE):
        tries.one_more("192.0.2.1")
        tries.one_more(f"2001:db8::{number:x}")

    async def one_more(address: str) -> None:
        tries.one_more(address)

    assert (await refusal(one_more("192.0.2.1"))).code == "too_many_tries"
    assert (await refusal(one_more("2001:db8::ffff:1"))).code == "too_many_tries"
    for number in range(1000):
        tries.one_more(f"2001:db8:0:{number + 1:x}::1")
    night.later(minutes=1)
    tries.one_more("192.0.2.1")


def test_browsers_make_passkeys_over_https_and_on_this_machine_by_its_name() -> None:
    for public_url, origin, possible in (
        ("https://pool.example.org", "https://pool.example.org", True),
        ("https://pool.example.org:8443/pool", "https://pool.example.org:8443", True),
        ("http://127.0.0.1:8080", "http://localhost:8080", True),
        ("http://[::1]:8080", "http://localhost:8080", True),
        ("http://localhost", "http://localhost", True),
        ("http://pool.example.org", "http://pool.example.org", False),
        ("https://192.0.2.1", "https://192.0.2.1", False),
        ("http://192.0.2.1:8080", "http://192.0.2.1:8080", False),
    ):
        site = site_of(public_url)
        assert (site.origin, site.can_have_passkeys) == (origin, possible)
