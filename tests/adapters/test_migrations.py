"""A record of an earlier version goes on: what was running then has what the program needs now."""

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, column, table, text

from crisispool.adapters.sql_engine import at_sqlite, make_engine, upgrade

INSIDE = {"b-1": ("booked", "2026-11-30"), "b-2": ("checked_in", "2026-07-01")}
ENDED = {"b-3": ("checked_out", "2026-11-30"), "b-4": ("no_show", "2026-11-30")}


def running(connection: Connection) -> None:
    """Bookings as they were before anybody was asked about the end of a stay."""
    for booking_id, (state, checkout) in {**INSIDE, **ENDED}.items():
        row = {
            "id": booking_id, "network_id": "net", "case_id": "c", "request_id": "r", "unit_id": "u",
            "reference": booking_id, "night": "2026-06-28", "checkout": checkout, "state": state,
            "policy_version": 1, "by": "x", "at": "2026-06-28 20:00:00", "arrival_known": 0, "arrival_asked": 0,
            "overridden": 0, "readmission_refused": 0, "version": 1,
        }  # fmt: skip
        connection.execute(table("bookings", *(column(name) for name in row)).insert().values(row))


async def test_households_that_are_inside_are_asked_about_at_the_planned_end(tmp_path: Path) -> None:
    engine = make_engine(at_sqlite(tmp_path / "earlier.db"))
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
        async with connection.begin():
            await connection.run_sync(upgrade, "0005")
            await connection.run_sync(running)
            await connection.run_sync(upgrade, "0006")
        rows = await connection.run_sync(
            Connection.execute, text("SELECT id, ask_checkout_at FROM bookings ORDER BY id")
        )
        asked = {booking_id: at and datetime.fromisoformat(at).replace(tzinfo=UTC) for booking_id, at in rows}
    await engine.dispose()
    assert {booking_id: at and (at.date(), at.hour) for booking_id, at in asked.items()} == {
        # Ten o'clock in Brussels, in winter and in summer.
        "b-1": (date(2026, 11, 30), 9),
        "b-2": (date(2026, 7, 1), 8),
        "b-3": None,
        "b-4": None,
    }
