"""Questions by day: noted as codes, taken back for some minutes, counted apart."""

from crisispool.domain.daytime import (
    AskerKind,
    DaytimeQuestion,
    QuestionKind,
    QuestionOutcome,
    month_of,
    week_of,
)
from crisispool.services.daytime import QuestionAnswer, QuestionAsk
from tests.support.night import Night, day, refusal


async def note(night: Night, by: str = "worker_caw", *, op: str | None = None) -> QuestionAnswer:
    ask = QuestionAsk(QuestionKind.BED_SOON, QuestionOutcome.TO_OCMW, AskerKind.CARE)
    return await night.app.daytime.note(await night.actor(by), night.op(op), ask)


def test_a_week_is_from_monday_to_sunday_and_a_month_ends_on_its_last_day() -> None:
    assert week_of(day("2026-11-29")) == (day("2026-11-23"), day("2026-11-29"))
    assert month_of(day("2026-12-31")) == (day("2026-12-01"), day("2026-12-31"))
    assert month_of(day("2028-02-10")) == (day("2028-02-01"), day("2028-02-29"))


async def test_a_question_is_counted_once_in_its_week_and_its_month(night: Night) -> None:
    night.at("2026-11-30 11:00")
    for _ in range(2):
        await note(night, op="one")
    night.at("2026-12-01 11:00")
    await note(night, "calltaker")
    found = await night.app.daytime.counts(await night.actor("coordinator"))
    assert (found.week.total, found.month.total) == (2, 1), "the week began in November"
    assert found.week.kinds["bed_soon"] == found.week.askers["care"] == found.week.outcomes["to_ocmw"] == 2
    assert found.week.kinds["other"] == 0 and found.last is None


async def test_the_last_one_is_taken_back_within_ten_minutes_by_who_noted_it(night: Night) -> None:
    night.at("2026-11-30 11:00")
    noted = await note(night)
    mine = await night.app.daytime.counts(await night.actor("worker_caw"))
    assert mine.last == noted
    other = night.app.daytime.take_back(await night.actor("calltaker"), night.op(), noted.id)
    assert (await refusal(other)).code == "not_there"
    await night.app.daytime.take_back(await night.actor("worker_caw"), night.op(), noted.id)
    assert await night.rows(DaytimeQuestion) == []
    late = await note(night)
    night.later(minutes=10)
    no = await refusal(night.app.daytime.take_back(await night.actor("worker_caw"), night.op(), late.id))
    assert no.code == "question_counts" and len(await night.rows(DaytimeQuestion)) == 1
    assert (await night.app.daytime.counts(await night.actor("worker_caw"))).last is None
