"""The composition root: puts the services together over the adapters that `opening` picks."""

from dataclasses import dataclass

from crisispool.adapters.clock import SystemClock, TrainingClock
from crisispool.adapters.crypto import Keys
from crisispool.adapters.holidays_be import LegalHolidays
from crisispool.adapters.oidc import OidcProviders
from crisispool.adapters.random_ids import RandomIds
from crisispool.ports import Bell, Clock, IdentityProviders, Ids, LivePool, Mailer, Store, Vault
from crisispool.services.accounts import Accounts
from crisispool.services.availability import Availability
from crisispool.services.board import Board
from crisispool.services.bookings import Bookings
from crisispool.services.calendar_feeds import CalendarFeeds
from crisispool.services.care import Care
from crisispool.services.cases import Cases
from crisispool.services.changes import Changes
from crisispool.services.chat import Chat
from crisispool.services.checkup import CheckUp
from crisispool.services.closing_days import ClosingDays
from crisispool.services.colleagues import Colleagues
from crisispool.services.daytime import Daytime
from crisispool.services.duty import DutyDesk
from crisispool.services.errands import Errands
from crisispool.services.errands_by_day import errands_by_day
from crisispool.services.errands_of_duty import ErrandsOfDuty
from crisispool.services.extensions import Extensions
from crisispool.services.facts import Facts
from crisispool.services.handover_rows import HandoverRows
from crisispool.services.handovers import Handovers
from crisispool.services.holds import Holds
from crisispool.services.identities import Identities
from crisispool.services.intake import Intake
from crisispool.services.invariants import Invariants
from crisispool.services.keeping import Keeping, keeping_of
from crisispool.services.languages import Languages
from crisispool.services.live_view import LiveView
from crisispool.services.mail.acting import ServicePages
from crisispool.services.mail.bounces import Bounces
from crisispool.services.mail.sending import MailRounds
from crisispool.services.merges import Merges
from crisispool.services.messages import Messages
from crisispool.services.messenger.counted import Counted
from crisispool.services.messenger.emptying import Emptying
from crisispool.services.messenger.figures import DeliveryFigures
from crisispool.services.messenger.gateway import Gateway
from crisispool.services.messenger.handing_out import HandingOut
from crisispool.services.messenger.inbox import Inbox
from crisispool.services.messenger.inside import Inside
from crisispool.services.messenger.invitations import Invitations
from crisispool.services.messenger.links import MessengerLinks
from crisispool.services.messenger.reception import Reception
from crisispool.services.messenger.replies import Replies
from crisispool.services.moves import Moves
from crisispool.services.networks import Networks
from crisispool.services.night_lists import NightLists
from crisispool.services.office import Office, office_of
from crisispool.services.on_paper import OnPaper
from crisispool.services.operations import Operations
from crisispool.services.pages import Pages
from crisispool.services.papers import Papers
from crisispool.services.parts import Parts
from crisispool.services.persons import Persons
from crisispool.services.playbooks import Playbooks
from crisispool.services.readmission import Readmissions
from crisispool.services.referring import Referring
from crisispool.services.regions import RegionFiles
from crisispool.services.roster_gaps import RosterGaps
from crisispool.services.rosters import Rosters
from crisispool.services.service_accounts import ServiceAccounts
from crisispool.services.shifts import Shifts
from crisispool.services.sign_in.ceremony import site_of
from crisispool.services.sign_in.challenges import Challenges
from crisispool.services.sign_in.coming_in import ComingIn
from crisispool.services.sign_in.oidc import Oidc
from crisispool.services.sign_in.passkeys import Passkeys
from crisispool.services.sign_in.tries import Tries
from crisispool.services.stay_talk import StayTalk
from crisispool.services.stays import Stays
from crisispool.services.stays_as import StaysAs
from crisispool.services.sweep import Sweep
from crisispool.services.tonight import Tonight
from crisispool.services.tour import Tour
from crisispool.services.training import Training
from crisispool.services.units import Units
from crisispool.services.watch import Watch
from crisispool.services.web_sessions import WebSessions
from crisispool.services.weekend import Weekend
from crisispool.services.without_jobs import WithoutJobs
from crisispool.set_up import (
    channels_of,
)
from crisispool.settings import Settings


@dataclass(frozen=True)
class App:
    """Everything that front ends and jobs work with. `training` is None in production, `mailer` and `mail` where
    no mail server is set, `bell` where nobody rings: then who watches hears of changes within a second."""

    settings: Settings
    store: Store
    pool: LivePool
    bell: Bell | None
    changes: Changes
    board: Board
    clock: Clock
    ids: Ids
    vault: Vault
    legal_holidays: LegalHolidays
    facts: Facts
    parts: Parts
    view: LiveView
    accounts: Accounts
    service_accounts: ServiceAccounts
    web_sessions: WebSessions
    passkeys: Passkeys
    oidc: Oidc
    coming_in: ComingIn
    colleagues: Colleagues
    tries: Tries
    intake: Intake
    checkup: CheckUp
    availability: Availability
    holds: Holds
    bookings: Bookings
    stays: Stays
    moves: Moves
    stays_as: StaysAs
    readmissions: Readmissions
    merges: Merges
    closing_days: ClosingDays
    care: Care
    weekend: Weekend
    identities: Identities
    units: Units
    keeping: Keeping
    office: Office
    duty: DutyDesk
    shifts: Shifts
    rosters: Rosters
    roster_gaps: RosterGaps
    calendar_feeds: CalendarFeeds
    handovers: Handovers
    night_lists: NightLists
    on_paper: OnPaper
    daytime: Daytime
    playbooks: Playbooks
    papers: Papers
    cases: Cases
    pages: Pages
    service_pages: ServicePages
    mailer: Mailer | None
    mail: MailRounds | None
    bounces: Bounces
    messages: Messages
    gateway: Gateway
    handing_out: HandingOut
    emptying: Emptying
    delivery_figures: DeliveryFigures
    stay_talk: StayTalk
    languages: Languages
    chat: Chat
    invitations: Invitations
    messenger_links: MessengerLinks
    reception: Reception
    inbox: Inbox
    inside: Inside
    counted: Counted
    regions: Networks
    region_files: RegionFiles
    sweep: Sweep
    invariants: Invariants
    watch: Watch
    tonight: Tonight
    tour: Tour
    training: Training | None
    training_clock: TrainingClock | None


def assemble(
    settings: Settings,
    store: Store,
    pool: LivePool,
    clock: Clock,
    keys: Keys,
    *,
    training_clock: TrainingClock | None = None,
    jobs: bool = True,
    mailer: Mailer | None = None,
    bell: Bell | None = None,
    providers: IdentityProviders | None = None,
) -> App:
    """The services over these adapters; tests bring a clock of their own."""
    ids, holidays = RandomIds(), LegalHolidays()
    facts = Facts(holidays)
    view = LiveView(pool, store, facts)
    operations, persons = Operations(store, keys), Persons(ids, keys)
    parts = Parts(store, clock, ids, keys, facts, view, operations)
    accounts, duty = Accounts(store, clock, ids), DutyDesk(store, clock, facts)
    intake, checkup, availability = Intake(parts, persons, duty), CheckUp(parts), Availability(parts)
    holds, bookings = Holds(parts, duty), Bookings(parts, duty)
    stays, moves = Stays(parts), Moves(parts, availability)
    identities, units, messages = Identities(parts, persons), Units(parts), Messages(parts)
    rows, roster_gaps = HandoverRows(parts), RosterGaps(parts)
    handovers, sweep = Handovers(parts, rows), Sweep(parts, rows, duty)
    pages = Pages(parts, identities, settings.public_url)
    talk, languages, referring = StayTalk(parts, duty), Languages(parts), Referring(parts)
    stays_as, weekend, care = StaysAs(parts), Weekend(parts, availability), Care(parts, stays)
    by_day = errands_by_day(parts, units, stays, stays_as, bookings, handovers, availability, weekend, care)
    site = site_of(settings.public_url)
    invitations, shifts, rosters = Invitations(parts, site), Shifts(parts), Rosters(parts)
    errands = Errands(
        parts, intake, checkup, availability, holds, bookings, stays, moves, pages, talk, by_day,
        invitations, languages, referring, ErrandsOfDuty(shifts, rosters, roster_gaps),
    )  # fmt: skip
    chat = Chat(parts, errands, duty, messages)
    inbox = Inbox(parts, Replies(parts, chat))
    channels, gateway = channels_of(settings), Gateway(clock, settings.public_url)
    handing_out, invariants = HandingOut(parts, channels), Invariants(store, keys, view, facts, channels)
    # People sit at their browsers in real time, also when the clock of a training is moved.
    at_browsers = SystemClock() if training_clock else clock
    sessions, challenges = WebSessions(parts, at_browsers), Challenges(store, at_browsers)
    oidc = Oidc(parts, site, sessions, providers or OidcProviders())
    issuers = frozenset(oidc.providers.issuers().values())
    training = None
    if training_clock is not None:
        training = Training(training_clock, sweep if jobs else WithoutJobs(view), operations)
    return App(
        settings=settings, store=store, pool=pool, bell=bell, changes=Changes(parts),
        board=Board(parts, units, duty), clock=clock, ids=ids, vault=keys, legal_holidays=holidays,
        facts=facts, parts=parts, view=view, accounts=accounts,
        service_accounts=ServiceAccounts(parts), web_sessions=sessions,
        passkeys=Passkeys(parts, site, sessions, challenges, issuers), oidc=oidc,
        coming_in=ComingIn(parts, site, challenges),
        colleagues=Colleagues(parts), tries=Tries(at_browsers), intake=intake, checkup=checkup,
        availability=availability, holds=holds, bookings=bookings, stays=stays, moves=moves,
        stays_as=stays_as, readmissions=Readmissions(parts), merges=Merges(parts),
        closing_days=ClosingDays(parts), care=care, weekend=weekend, identities=identities, units=units,
        keeping=keeping_of(parts, units), office=office_of(parts, rows, invariants), duty=duty, shifts=shifts,
        rosters=rosters, roster_gaps=roster_gaps,
        calendar_feeds=CalendarFeeds(parts, settings.public_url), handovers=handovers,
        night_lists=NightLists(parts), on_paper=OnPaper(parts, persons, rows),
        daytime=by_day.daytime, playbooks=Playbooks(parts), papers=Papers(parts, bookings),
        cases=Cases(parts, handovers, Extensions(parts, availability), bookings), pages=pages,
        service_pages=ServicePages(parts, errands, messages, units),
        mailer=mailer,
        mail=MailRounds(parts, mailer, gateway, settings.public_url) if mailer else None,
        bounces=Bounces(parts), messages=messages, gateway=gateway, handing_out=handing_out,
        emptying=Emptying(parts), delivery_figures=DeliveryFigures(parts), stay_talk=talk,
        languages=languages, chat=chat, invitations=invitations, messenger_links=MessengerLinks(parts),
        reception=Reception(parts, inbox), inbox=inbox, inside=Inside(parts, settings.telegram_token),
        counted=Counted(), regions=Networks(parts),
        region_files=RegionFiles(store, keys, clock, facts, ids, training=training is not None), sweep=sweep,
        invariants=invariants, watch=Watch(invariants), tonight=Tonight(store, facts, holidays), tour=Tour(parts),
        training=training, training_clock=training_clock,
    )  # fmt: skip
