"""Canaries: marked names, addresses, codes and reasons, where they are put in, and how they are found again."""

import base64
import hashlib
import json
import re
import unicodedata
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from redis import Redis

from tests.scenarios.people import FIRE, SCREENED, Browser, Colleague, rows
from tests.support.program import PILOT, Program

GIVEN, SURNAME, BORN, PHONE = "Kanarina", "D’Kanarie-Zegwaart", "1987-06-13", "0470 98 76 54"
ADDRESS, KEY = "Kanariepad 77, 8870 Nergens", "kanariesleutel 90210"
COLLEAGUE = "Kanarie Collega"
REASON, MET_BY, CONTACT, WHY_OPENED, SAID = (
    f"kanarie-{word}-zegwaart" for word in ("reden", "opvang", "bereik", "inzage", "gezegd")
)
CANARIES = (GIVEN, SURNAME, BORN, PHONE, ADDRESS, KEY, COLLEAGUE, REASON, MET_BY, CONTACT, WHY_OPENED, SAID)


def forms_of(canary: str) -> Iterator[bytes]:
    """How a text can hide: other encodings, escaped, without accents, and hashed without a key."""
    for text in {
        canary,
        unicodedata.normalize("NFD", canary),
        "".join(filter(str.isalpha, canary.casefold())),
    }:
        if len(text) < 5:
            continue
        raw = text.encode()
        yield raw
        yield text.encode("utf-16-le")
        yield raw.hex().encode()
        yield urllib.parse.quote(text).encode()
        yield json.dumps(text)[1:-1].encode()
        for shift in range(3):
            # Base64 looks different for each place in a group of three; the edges depend on the neighbours.
            middle = base64.b64encode(b"\x00" * shift + raw)[4:-4]
            # A shorter one stands by chance among random ids.
            if len(middle) >= 8:
                yield middle
        for hashed in (hashlib.sha256(raw), hashlib.md5(raw, usedforsecurity=False)):
            yield hashed.hexdigest().encode()
            yield hashed.digest()


def found_in(content: bytes | str) -> set[str]:
    """The canaries that are somewhere in this."""
    haystack = (content.encode() if isinstance(content, str) else content).lower()
    return {canary for canary in CANARIES if any(form.lower() in haystack for form in forms_of(canary))}


class Listener(Colleague):
    """Keeps all that the service answers."""

    heard: list[str] = []  # noqa: RUF012  # one list for everybody

    def ask(self, method: str, path: str, body: object = None, *, key: str = "") -> tuple[int, Any]:
        status, answer = super().ask(method, path, body, key=key)
        self.heard.append(json.dumps(answer, ensure_ascii=False))
        return status, answer

    def call(self, method: str, path: str, body: object = None, *, key: str = "") -> Any:
        status, answer = self.ask(method, path, body, key=key)
        assert status < 300, (path, answer)
        return answer


def marked_region(folder: Path) -> Path:
    """The pilot region, with one address, one key and one colleague's name everywhere."""
    text = PILOT.read_text("utf-8")
    text = re.sub(r'^address = ".*"$', f'address = "{ADDRESS}"', text, flags=re.MULTILINE)
    text = re.sub(r'^key = ".*"$', f'key = "{KEY}"', text, flags=re.MULTILINE)
    before, people, after = text.partition("[[training.people]]")
    region = folder / "region.toml"
    region.write_text(
        before + people + re.sub(r'^name = ".*"$', f'name = "{COLLEAGUE}"', after, flags=re.MULTILINE),
        "utf-8",
    )
    return region


def identity(**other: str) -> dict[str, str]:
    return {"given_name": GIVEN, "surname": SURNAME, "birth_date": BORN, "phone": PHONE, **other}


def opened(link: str, **form: str) -> str:
    """The page behind a link, after its button and perhaps its form."""
    browser = Browser()
    browser.get(link)
    status, page = browser.press(link)
    assert status == 200, page
    return browser.press(link, operation="a" * 24, **form)[1] if form else page


def a_full_night(program: Program) -> str:
    """Everything personal that can be given is given; what the chats printed."""
    desk, coordinator, referrer = (Listener(program, who) for who in ("calltaker", "coordinator", "referrer"))

    hiding = referrer.request(
        kind="violence", origin="36007", avoid=["36008"], persons=[{"adult": True, "identity": identity()}]
    )
    answers = {"answers": {**SCREENED["answers"], "elsewhere": "own_network"}}
    desk.call("POST", f"/requests/{hiding['id']}/take", {})
    desk.call(
        "POST",
        f"/requests/{hiding['id']}/screening",
        {**answers, "overridden": ["nowhere_else"], "reason": REASON},
    )
    booking = coordinator.book(hiding, nights=4, override={"reason": REASON, "met_by": MET_BY})
    assert ADDRESS in opened(
        referrer.call("POST", f"/bookings/{booking['id']}/links", {"purpose": "access"})["url"]
    )
    hidden = coordinator.call("POST", f"/bookings/{booking['id']}/links", {"purpose": "access"})["url"]
    assert KEY in opened(hidden, text=WHY_OPENED)

    refused = desk.request(kind="other", origin="37017")
    said = {"code": "no_unit", "contact_consent": True, "contact": CONTACT}
    desk.call("POST", f"/requests/{refused['id']}/refusal", said)
    opened(desk.call("POST", f"/requests/{refused['id']}/links", {})["url"], text=CONTACT)

    lines = (*FIRE[:-2], SAID, "1", SAID, "Boek", REASON, "Ja, aangekomen")
    done = program.command("chat", "--as", "calltaker", heard="".join(f"{line}\n" for line in lines))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    chats = done.stdout
    assert "ze zijn binnen" in chats
    family = next(each for each in desk.call("GET", "/bookings") if each["id"] != booking["id"])
    path = f"/bookings/{family['id']}"
    desk.call("PUT", f"{path}/persons/{family['persons'][0]}", identity(given_name=f"{GIVEN} Anna"))
    form = identity(given_name=f"{GIVEN} Bea", person=family["persons"][0])
    assert 'role="status"' in opened(
        desk.call("POST", f"{path}/links", {"purpose": "identity"})["url"], **form
    )
    for wrong in ({"birth_date": f"{BORN}T"}, {"phone": SAID}, {SAID: SAID}, {"given_name": f"{SAID}\x00"}):
        assert desk.ask("PUT", f"{path}/persons/{family['persons'][0]}", {**identity(), **wrong})[0] == 422
    assert desk.ask("GET", f"/bookings/{SAID}?x={SAID}")[0] in (404, 422)

    program.move_clock("2026-11-30T12:30+01:00")
    worker = Listener(program, "support_worker_ingelmunster")
    for handover in worker.call("GET", "/handovers"):
        worker.call("POST", f"/handovers/{handover['id']}/acknowledge", {})
        page = opened(worker.call("POST", f"/handovers/{handover['id']}/links", {})["url"])
        assert SURNAME in page
        worker.call("POST", f"/handovers/{handover['id']}/outcome", {"outcome": "hotel", "contacted": True})
    for who in (
        "calltaker_2",
        "coordinator",
        "referrer",
        "unit_manager",
        "support_worker",
        "council",
        "admin",
    ):
        Listener(program, who).say("", SAID, "help", "1")
    return chats


def live_view(program: Program) -> Mapping[str, object]:
    """Every key of the live view with its value."""
    redis = Redis(unix_socket_path=(program.data_dir / "redis" / "socket").read_text("utf-8"))
    read: dict[object, Callable[[Any], object]] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"list": lambda key: redis.lrange(key, 0, -1),
    }
    try:
        return {str(key): read[redis.type(key)](key) for key in redis.scan_iter()}
    finally:
        redis.close()


def nothing_lies_open(program: Program, **texts: str) -> None:
    """No canary is in these texts, nor in anything else of a program that can be seen or read; it is stopped then."""
    with urllib.request.urlopen(f"{program.url}/metrics", timeout=10) as response:  # noqa: S310
        metrics = response.read().decode()
    assert "crisispool_http_requests" in metrics and 'route="/api/v1/bookings/{id}"' in metrics
    view = live_view(program)
    assert len(view) > 10
    outbox = str(rows(program, "SELECT * FROM outbox"))
    assert "message.handover" in outbox
    checked = program.command("verify")
    assert checked.returncode == 0, checked.stdout
    program.stop()
    log = program.log.read_text("utf-8")
    assert '"event": "serving"' in log and '"level": "debug"' in log
    open_to_see = {
        **texts,
        "log": log,
        "metrics": metrics,
        "live view": str(view),
        "messages": outbox,
        "checks": checked.stdout + program.command("doctor").stdout,
    }
    assert {name: found for name, text in open_to_see.items() if (found := found_in(text))} == {}
    files = [path for path in program.data_dir.rglob("*") if path.is_file() and path.name != "keys"]
    assert {"crisispool.db"} <= {path.name for path in files}
    assert {path.name: found for path in files if (found := found_in(path.read_bytes()))} == {}
