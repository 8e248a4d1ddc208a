"""The story of a whole night, as told with the people of `night_by_messenger`: from the first call to the last case."""

from tests.scenarios.night_by_messenger import Night, Somebody, reference_in

CHECK_UP = (
    ("Nee", "Maakt iets een bed zonder toezicht"),
    ("Niets hiervan", "Waar woonden of sliepen ze het laatst?"),
    ("In dezelfde gemeente", "Sliep een van de volwassenen"),
    ("Nee", "Vraag het hen"),
    ("Bed en contact", "Waar letten we op?"),
    ("Niets bijzonders", "Dit is er vrij"),
)


def a_whole_night(night: Night) -> None:
    """From Saturday 02:04 until Monday afternoon: a fire, a quarrel, a weekend, a morning, and the last round."""
    request = the_police_ask_for_a_bed(night)
    first, second = two_calltakers_race_for_it(night, request)
    fire = the_first_books(night, first)
    the_police_bring_them(night, fire)
    quarrel = the_second_has_a_call(night, second)
    for day in ("2026-11-28", "2026-11-29"):
        the_desk_calls_them(night, day, fire, quarrel)
    the_morning_comes(night, fire, quarrel)
    workers_take_over(night, fire, quarrel)
    they_leave(night, fire, quarrel)
    the_owners_confirm(night)
    night.happens("the end")
    night.rests()


def the_police_ask_for_a_bed(night: Night) -> str:
    """Five taps."""
    sent = night.police.walks(
        ("Bed vragen", "Is er nu gevaar"),
        ("Nee", "Wie heeft een bed nodig?"),
        ("Ouder + 2 kinderen", "Waar zijn ze nu?"),
        ("Ingelmunster", "Wat is er gebeurd?"),
        ("Brand, water of woning afgesloten", "Klaar om te versturen"),
        ("Verstuur", "is verstuurd. De permanentie is verwittigd"),
    )
    night.happens("asked")
    return reference_in(sent)


def two_calltakers_race_for_it(night: Night, request: str) -> tuple[Somebody, Somebody]:
    """One gets it, the other is told who."""
    cas, dina = night.cas, night.dina
    cas.hears(f"Nieuwe vraag {request}")
    dina.walks(("Open vragen", "1 open vraag"))
    cas.taps("Ik neem ze op")
    dina.taps(request)
    won = cas.sees_one_of("Is er nu gevaar", "is al opgenomen") == "Is er nu gevaar"
    first, second = (cas, dina) if won else (dina, cas)
    first.hears("Is er nu gevaar")
    second.hears(f"{request} is al opgenomen door {first.label}.")
    cas.hears(f"{request} is opgenomen door {first.label}.")
    night.police.hears(f"{request} is opgenomen door de permanentie")
    night.happens("taken")
    return first, second


def the_first_books(night: Night, first: Somebody) -> str:
    """Seven questions that the police did not answer, and the best bed."""
    booked = first.walks(
        ("Nee", "Kunnen ze vannacht ergens anders"),
        *CHECK_UP,
        ("Ingelmunster, gezinswoning 3", "tot maandag 30 november, 10 uur. Boeken?"),
        ("Boek", "Geboekt, IZ-"),
    )
    fire = reference_in(booked)
    night.eef.hears(f"Ingelmunster, gezinswoning 3 is geboekt, {fire}: 3 personen")
    night.letter("opvang.ingelmunster", f"{fire}: een woning is geboekt")
    return fire


def the_police_bring_them(night: Night, fire: str) -> None:
    """They read where to, and say that they are there."""
    police = night.police
    police.hears(f"er is een bed, {fire}, tot maandag 30 november")
    police.walks(("Openen", "Adres en sleutel kan je openen tot"), about=f"er is een bed, {fire}")
    police.taps("Adres en sleutel")
    assert "Tapijtstraat 43" in police.opens(f"Adres en sleutel, {fire}")
    police.walks(("Ze zijn binnen", "Genoteerd: ze zijn binnen"))


def the_second_has_a_call(night: Night, second: Somebody) -> str:
    """Another household, by phone; their bed was asked for by nobody else, so the desk is asked about them."""
    second.goes_to_the_menu("Wat wil je doen?")
    booked = second.walks(
        ("Nieuwe vraag", "Met wie spreek je?"),
        ("Politie", "Is er nu gevaar"),
        ("Nee", "Wie heeft een bed nodig?"),
        ("1 man", "Waar zijn ze nu?"),
        ("Izegem", "Wat is er gebeurd?"),
        ("Ruzie of breuk", "Kunnen ze vannacht ergens anders"),
        *CHECK_UP,
        ("Izegem, studio 11", "tot maandag 30 november, 10 uur. Boeken?"),
        ("Boek", "Geboekt, IZ-"),
    )
    quarrel = reference_in(booked)
    night.fons.hears(f"Izegem, studio 11 is geboekt, {quarrel}: 1 persoon")
    night.letter("woningen.izegem", f"{quarrel}: een woning is geboekt")
    night.goes_on_to("2026-11-28 02:40")
    second.hears(f"{quarrel}: zijn ze binnen?")
    second.walks(("Ja, ze zijn binnen", f"{quarrel}: ze zijn binnen. Genoteerd"), about=quarrel)
    return quarrel


def the_desk_calls_them(night: Night, day: str, *references: str) -> None:
    """Every closed day, in the afternoon."""
    night.happens(day)
    night.goes_on_to(f"{day} 16:00")
    night.cas.hears(*(f"{reference}: bel hen even" for reference in references))
    for reference in references:
        night.cas.walks(
            ("Alles goed", f"{reference}: alles goed. Genoteerd"), about=f"{reference}: bel hen even"
        )


def the_morning_comes(night: Night, fire: str, quarrel: str) -> None:
    """Monday, 08:00: each case is with both its services, and each owner knows what to make ready."""
    night.happens("monday")
    night.goes_on_to("2026-11-30 08:00")
    night.ine.hears(f"{fire}: 1 volwassene en 2 kinderen")
    night.hanne.hears(f"{fire}: 1 volwassene en 2 kinderen", f"{quarrel}: 1 volwassene kreeg")
    night.jef.hears(f"{quarrel}: 1 volwassene kreeg")
    night.letter("opvang.ingelmunster", f"{fire}: wie neemt dit op?")
    night.letter("begeleiding.caw", f"{fire}: wie neemt dit op?")
    night.letter("opvang.izegem", f"{quarrel}: wie neemt dit op?")
    night.eef.hears("gezinswoning 3: 3 personen vertrekken maandag 30 november")
    night.fons.hears("studio 11: 1 persoon vertrekt maandag 30 november")
    night.letter("opvang.ingelmunster", "Vertrek maandag 30 november")
    night.letter("woningen.izegem", "Vertrek maandag 30 november")


def workers_take_over(night: Night, fire: str, quarrel: str) -> None:
    """One by one tap in the chat, the other by the one button of the page behind the mail."""
    night.ine.walks(("Wij nemen dit op", f"{fire} is opgenomen. Bedankt."), about=fire)
    to_caw = night.letter("begeleiding.caw", f"{quarrel}: wie neemt dit op?")
    assert "Opgenomen door CAW de regio" in night.presses(to_caw, "Wij nemen dit op")
    night.hanne.hears(f"{fire} is opgenomen door OCMW Ingelmunster", f"{quarrel} is opgenomen. Bedankt.")
    night.jef.hears(f"{quarrel} is opgenomen door CAW de regio")
    night.letter("begeleiding.caw", f"{fire}: opgenomen door een andere dienst")
    night.letter("opvang.izegem", f"{quarrel}: opgenomen door een andere dienst")
    for worker, case, where in (
        (night.ine, fire, "Tapijtstraat 43"),
        (night.hanne, quarrel, "Borstelpad 25"),
    ):
        worker.goes_to_the_menu("1 overdracht wacht op jullie")
        worker.walks(
            (f"{case}: opgenomen", f"{case}: "),
            ("Ik begeleid", f"{case} is opgenomen. Bedankt."),
            ("Eerste contact gehad", f"{case}: eerste contact genoteerd."),
        )
        worker.taps("Open de pagina")
        assert where in worker.opens("Alles over deze overdracht")
        worker.walks(
            ("Hoe liep het af?", f"{case}: hoe liep het af?"),
            ("Bij familie of vrienden", f"{case}: is de crisis opgelost?"),
            ("Ja", f"{case} is afgesloten. Bedankt"),
        )


def they_leave(night: Night, fire: str, quarrel: str) -> None:
    """At ten: one departure is noted in a chat, the other by mail; both units are to be made ready."""
    night.goes_on_to("2026-11-30 10:00")
    night.ine.hears(f"{fire}: zijn ze vertrokken?")
    night.eef.hears(f"is {fire} vertrokken?")
    night.hanne.hears(f"{quarrel}: zijn ze vertrokken?")
    night.fons.hears(f"is {quarrel} vertrokken?")
    night.letter("opvang.ingelmunster", f"{fire}: zijn ze vertrokken?")
    night.ine.walks(
        ("Ja, vertrokken", f"{fire}: vertrokken. Genoteerd"), about=f"{fire}: zijn ze vertrokken?"
    )
    asked = night.letter("woningen.izegem", f"{quarrel}: zijn ze vertrokken?")
    assert "Vertrek genoteerd door OCMW Izegem" in night.presses(asked, "Ja, vertrokken")
    night.eef.hears(f"{fire} is vertrokken. Klaarmaken graag voor dinsdag 1 december")
    night.fons.hears(f"{quarrel} is vertrokken. Klaarmaken graag", f"{quarrel}: vertrokken. Genoteerd")
    night.letter("opvang.ingelmunster", f"{fire}: vertrokken, maak de woning klaar")
    night.letter("woningen.izegem", f"{quarrel}: vertrokken, maak de woning klaar")


def the_owners_confirm(night: Night) -> None:
    """The round of the afternoon: by one tap, or by one click in the mail."""
    night.happens("the round")
    night.goes_on_to("2026-11-30 15:30")
    night.eef.hears("1 vrij, 1 wordt klaargemaakt, 9 bezet")
    night.fons.hears("3 vrij, 1 wordt klaargemaakt, 14 bezet")
    night.gust.hears("1 vrij, 0 worden klaargemaakt, 5 bezet")
    mailboxes = ("wielsbeke", "ledegem", "oostrozebeke", "tielt", "ingelmunster")
    for mailbox in ("begeleiding.caw", *(f"opvang.{town}" for town in mailboxes)):
        night.letter(mailbox, "Klopt dit nog voor vannacht?")
    for owner, now in ((night.eef, "1 wordt klaargemaakt"), (night.gust, "5 bezet")):
        owner.walks(("Ja, alles klopt", "alles is bevestigd voor vannacht"), about=now)
    asked = night.letter("woningen.izegem", "Klopt dit nog voor vannacht?")
    assert "Alles is bevestigd" in night.presses(asked, "Ja, alles klopt")
    night.fons.hears("alles is bevestigd voor vannacht")
