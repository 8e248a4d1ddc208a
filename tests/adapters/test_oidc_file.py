"""The file that says which organisation signs in where: what is in it, and what is said about one that is wrong."""

from pathlib import Path

import pytest

from crisispool.adapters.oidc import OidcClient, is_safe
from crisispool.adapters.oidc_file import OidcFileWrong, read_providers
from crisispool.texts.render import render

GOOD = '[caw]\nissuer = "https://login.example.org/caw/"\nclient_id = "pool"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "oidc.toml"
    path.write_text(text)
    return path


def test_each_organisation_has_its_own_and_a_secret_may_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ocmw.secret").write_text("canary\n")
    more = (
        '[ocmw]\nissuer = "https://login.example.org"\nclient_id = "x"\nclient_secret_file = "ocmw.secret"\n'
    )
    found = read_providers(written(tmp_path, GOOD + more), here_too=False)
    assert found == (
        OidcClient("caw", "https://login.example.org/caw/", "pool"),
        OidcClient("ocmw", "https://login.example.org", "x", "canary"),
    )
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[caw", "not_toml"),
        ('issuer = "https://login.example.org"', "no_table"),
        (GOOD + 'client_secrt = "canary"', "unknown_field"),
        (GOOD + 'client_secret = ""', "no_text"),
        (GOOD + "client_secret = 7", "no_text"),
        ('[caw]\nissuer = "https://login.example.org"', "missing_field"),
        (GOOD.replace("https", "http"), "issuer"),
        (GOOD.replace("caw/", "caw?x=1"), "issuer"),
        (GOOD + 'client_secret = "canary"\nclient_secret_file = "x"', "two_secrets"),
        (GOOD + 'client_secret_file = "not-there"', "unreadable"),
    ],
)
def test_a_file_that_is_wrong_is_told_so_and_where(tmp_path: Path, text: str, code: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(OidcFileWrong) as refused:
        read_providers(path, here_too=False)
    sentence = render(f"set_up.oidc_{refused.value.code}", refused.value.facts)
    assert refused.value.code == code
    assert sentence.startswith("CRISISPOOL_OIDC_FILE: ") and "canary" not in sentence


def test_only_a_training_may_ask_this_machine_without_https() -> None:
    assert is_safe("http://127.0.0.1:9000/x", here_too=True)
    for url in (
        "http://127.0.0.1:9000/x",
        "http://login.example.org",
        "https://u:p@login.example.org",
        "https://",
    ):
        assert not is_safe(url, here_too=False), url
    assert not is_safe("http://login.example.org", here_too=True)
