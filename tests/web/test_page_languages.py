"""Pages and answers in the language of who reads; who is not known is answered as their browser asks."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from crisispool.adapters.crypto import Keys
from crisispool.adapters.redis_pool import RedisPool
from crisispool.adapters.sql_store import SqlStore
from crisispool.domain.organisation import Colleague
from tests.texts.test_languages import DUTCH
from tests.web.edge import started
from tests.web.house import House, house

WRONG = {"given_name": "", "surname": "Peeters", "birth_date": "1990-05-17", "birth_year": "", "phone": ""}


@pytest.fixture
async def home(store: SqlStore, keys: Keys, live_pool: RedisPool) -> House:
    """A household in a unit; the calltaker reads French, everybody else Dutch."""
    made = await house(store, keys, live_pool)
    async with store.transaction() as tx:
        calltaker = await tx.get(Colleague, "calltaker")
        assert calltaker is not None
        await tx.save(replace(calltaker, language="fr"))
    return made


async def text(response: ClientResponse, status: int = 200) -> str:
    assert response.status == status, await response.text()
    return await response.text()


def language_in(page: str) -> str:
    found = re.search(r'<html lang="(..)">', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("purpose", ["access", "identity"])
async def test_a_page_is_in_the_language_of_who_asked_for_its_link(home: House, purpose: str) -> None:
    path = await home.path("calltaker", purpose, "b-1")
    browser = await started(home.app)
    try:
        for page in (
            await text(await browser.get(path, headers={"Accept-Language": "nl"})),
            await text(await browser.post(path)),
            await text(await browser.get(path)),
        ):
            assert language_in(page) == "fr"
            words = re.sub(r"<[^>]*>", " ", page)
            assert "Adresse et clé" in words or "Compléter les données" in words
            assert not DUTCH.search(words), words
    finally:
        await browser.close()


async def test_what_is_wrong_in_a_form_and_what_was_kept_is_said_in_it_too(home: House) -> None:
    path = await home.path("calltaker", "identity", "b-1")
    browser = await started(home.app)
    try:
        page = await text(await browser.post(path))
        form = dict(re.findall(r'name="(operation|person)" value="([^"]+)"', page))
        page = await text(await browser.post(path, data={**WRONG, **form}), 422)
        assert language_in(page) == "fr" and "Remplissez ceci." in page
        page = await text(await browser.post(path, data={**WRONG, **form, "given_name": "Noor"}))
        assert "Enregistré." in page and "Bewaard" not in page
    finally:
        await browser.close()


async def test_a_link_that_does_not_work_says_so_in_the_language_of_the_browser_alone(home: House) -> None:
    """It must not tell a link that is bound elsewhere from one that never was."""
    bound = await home.path("calltaker", "access", "b-1")
    first, other = await started(home.app), await started(home.app)
    try:
        await first.post(bound)
        for path in (bound, "/p/" + "a" * 40):
            for tags, language in (
                ("", "nl"),
                ("en-GB,nl;q=0.5", "en"),
                ("nl;q=0.2, fr-BE;q=0.9", "fr"),
                ("de", "nl"),
            ):
                page = await text(await other.post(path, headers={"Accept-Language": tags}), 404)
                assert language_in(page) == language
    finally:
        await first.close()
        await other.close()


@pytest.mark.parametrize(
    "tags", ["fr;q=x", ";;;,", "q=1", "*", "fr;q=0", "e" * 5000, ",".join(["xx"] * 50) + ",fr"]
)
async def test_a_header_that_means_nothing_is_answered_in_dutch(home: House, tags: str) -> None:
    browser = await started(home.app)
    try:
        page = await text(await browser.get("/p/" + "a" * 40, headers={"Accept-Language": tags}), 404)
        assert language_in(page) == "nl"
    finally:
        await browser.close()


async def test_the_start_page_of_a_training_follows_the_browser(home: House) -> None:
    home.app.training = object()
    browser = await started(home.app)
    try:
        page = await text(await browser.get("/", headers={"Accept-Language": "fr"}))
        assert language_in(page) == "fr" and "EXERCICE" in page
        assert not DUTCH.search(re.sub(r"<[^>]*>", " ", page))
    finally:
        await browser.close()


def test_no_template_has_words_of_its_own() -> None:
    """Every word on a page comes from the texts, else it would be in one language."""
    templates = Path("src/crisispool/web/templates")
    for template in templates.rglob("*.html"):
        bare = re.sub(
            r"<code>.*?</code>|<[^>]*>|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|\b(?:hx-[a-z]+|aria-invalid|aria-describedby)=\"[^\"]*\"",
            " ",
            template.read_text("utf-8"),
            flags=re.DOTALL,
        )
        assert not re.search(r"[a-z]{3}", bare), (template.name, bare)
