"""Alive, ready, slow: with a real record and a real live view."""

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.errors import Outage
from tests.web.edge import started
from tests.web.house import house


class Away:
    """A live view that does not answer."""

    async def find(self, *_: object) -> list[str]:
        """Never an answer."""
        raise Outage("live view")


async def test_it_is_ready_with_both_and_slow_without_the_live_view(
    store: SqlStore, keys: Keys, live_pool: RedisPool
) -> None:
    home = await house(store, keys, live_pool)
    client = await started(home.app)
    assert (await client.get("/healthz")).status == 200
    await live_pool.rebuild([])
    ready = await client.get("/readyz")
    assert (ready.status, (await ready.json())["slow"]) == (200, False)
    home.app.pool = Away()
    slow = await client.get("/readyz")
    assert (slow.status, (await slow.json())["slow"]) == (200, True)
    await client.close()


async def test_without_the_record_it_is_not_ready_but_alive(
    store: SqlStore, keys: Keys, live_pool: RedisPool
) -> None:
    home = await house(store, keys, live_pool)
    client = await started(home.app)

    def away() -> None:
        raise Outage("record")

    home.app.store = type("Gone", (), {"reading": staticmethod(away)})()
    assert (await client.get("/readyz")).status == 503
    assert (await client.get("/healthz")).status == 200
    await client.close()


async def test_regions_lists_the_municipalities_by_name(
    store: SqlStore, keys: Keys, live_pool: RedisPool
) -> None:
    home = await house(store, keys, live_pool)
    client = await started(home.app)
    token = (await home.app.accounts.token_for("coordinator")).token
    response = await client.get("/api/v1/regions", headers={"Authorization": f"Bearer {token}"})
    [region] = await response.json()
    assert region["municipalities"] == [{"nis": "36008", "name": "Izegem", "lead": "ocmw"}]
    assert region["policy_version"] == 1
    await client.close()


async def test_how_deliveries_are_doing_is_counted_with_the_rest(
    store: SqlStore, keys: Keys, live_pool: RedisPool
) -> None:
    client = await started((await house(store, keys, live_pool)).app)
    counted = await (await client.get("/metrics")).text()
    assert 'crisispool_deliveries_waiting{channel="mail"} 0.0' in counted
    assert "crisispool_messenger_updates" in counted
    await client.close()
