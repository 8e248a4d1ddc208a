"""The members part of a region file: networks, municipalities, organisations, closing days."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from crisispool.domain.organisation import (
    ClosingDay,
    Membership,
    Municipality,
    Network,
    Organisation,
    OrganisationKind,
)
from crisispool.services.region_parts.forms import NIS
from crisispool.services.region_parts.names import Names
from crisispool.services.region_parts.reader import NO_DAY, Reader, first_of


class Language(StrEnum):
    """What a service reads."""

    NL = "nl"
    FR = "fr"
    EN = "en"


class Lead(StrEnum):
    """Which of the two services leads a tandem."""

    OCMW = "ocmw"
    CAW = "caw"


def read_networks(
    own: Reader | None, others: Sequence[Reader], partners: Sequence[Reader], names: Names
) -> tuple[Network, tuple[Network, ...]]:
    """The network of the file, and those it shares units with."""
    no_caws = {
        partner.plain("id")
        for partner in partners
        if partner.plain("kind") in set(OrganisationKind) - {OrganisationKind.CAW}
    }
    readers = [reader for reader in (own, *others) if reader]
    found = [_network(reader, names, no_caws) for reader in readers]
    first_of(readers, "id")
    first_of(readers, "reference_prefix")
    for reader in readers:
        reader.done()
    if own is None:
        return Network("", "", "", "", "", 1), tuple(found)
    return found[0], tuple(found[1:])


def _network(reader: Reader, names: Names, no_caws: set[str]) -> Network:
    caw = reader.refers("caw", names, "caw")
    if caw in no_caws:
        reader.mistake("caw", "reference_of_other_kind", kind=OrganisationKind.CAW)
    return Network(
        id=reader.ident(),
        name=reader.text("name"),
        reference_prefix=reader.prefix("reference_prefix"),
        desk_phone=reader.phone("desk_phone", None),
        caw_id=caw,
        policy_version=1,
    )


def read_organisations(readers: Sequence[Reader], network_id: str, names: Names) -> tuple[Organisation, ...]:
    """All partners. Every one may name another as its backup."""
    first_of(readers, "id")
    return tuple(_organisation(reader, network_id, names) for reader in readers)


def _organisation(reader: Reader, network_id: str, names: Names) -> Organisation:
    kind = reader.choice("kind", OrganisationKind)
    backup = reader.refers("backup", names, "organisation", "")
    made = Organisation(
        id=reader.ident(),
        network_id=network_id,
        kind=kind,
        name=reader.text("name"),
        nis=reader.nis("municipality", None if reader.plain("kind") == OrganisationKind.OCMW else "") or None,
        phone=reader.phone("phone"),
        night_phone=reader.phone("night_phone"),
        mailbox=reader.mail("mailbox"),
        backup_id=backup or None,
        opens=reader.hours("opens"),
        owner_mailbox=reader.mail("owner_mailbox"),
        language=reader.choice("language", Language, Language.NL).value,
    )
    if made.id and made.backup_id == made.id:
        reader.mistake("backup", "own_backup")
    reader.done()
    return made


def read_municipalities(
    readers: Sequence[Reader], network_id: str, organisations: Sequence[Organisation], names: Names
) -> tuple[tuple[Municipality, ...], tuple[Membership, ...]]:
    """The municipalities with the terms on which each is a member."""
    first_of(readers, "nis")
    partners = {partner.id: partner for partner in reversed(organisations)}
    places, memberships = [], []
    for reader in readers:
        nis = reader.nis("nis")
        place = Municipality(
            nis=nis,
            name=reader.text("name"),
            inhabitants=reader.whole("inhabitants", 1, 10_000_000),
            latitude=reader.number("latitude", 49.4, 51.6),
            longitude=reader.number("longitude", 2.4, 6.5),
        )
        ocmw = reader.refers("ocmw", names, "ocmw", "")
        partner = partners.get(ocmw)
        if partner and partner.kind is not OrganisationKind.OCMW:
            reader.mistake("ocmw", "reference_of_other_kind", kind=OrganisationKind.OCMW)
        elif partner and NIS.fullmatch(nis) and NIS.fullmatch(partner.nis or "") and partner.nis != nis:
            reader.mistake("ocmw", "ocmw_of_other_municipality")
        elif not ocmw and not reader.has("ocmw"):
            reader.warning("ocmw", "no_ocmw")
        lead = OrganisationKind(reader.choice("lead", Lead, Lead.OCMW).value)
        agreed = reader.whole("agreed_places", 0, 10_000) if reader.has("agreed_places") else None
        reader.done()
        places.append(place)
        memberships.append(Membership(f"{network_id}:{nis}", network_id, nis, ocmw or None, lead, agreed))
    return tuple(places), tuple(memberships)


def read_closing_days(readers: Sequence[Reader], network_id: str, names: Names) -> tuple[ClosingDay, ...]:
    """Closed days that are no legal holidays; without an organisation they are those of outreach itself."""
    found: list[ClosingDay] = []
    seen: dict[tuple[str, date], Reader] = {}
    for reader in readers:
        day = reader.day("day", required=True) or NO_DAY
        whose = reader.refers("organisation", names, "organisation", "")
        first = seen.setdefault((whose, day), reader)
        if first is not reader and day != NO_DAY:
            reader.mistake("day", "duplicate", first=first.line("day"))
        made = ClosingDay(
            f"{network_id}:{whose or 'outreach'}:{day}", network_id, whose or None, day, reader.text("name")
        )
        reader.done()
        found.append(made)
    return tuple(found)
