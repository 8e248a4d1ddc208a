"""A body means one thing or it is refused."""

import pytest

from crisispool.domain.errors import BadInput
from crisispool.web.strict_json import DEEPEST, read_object


def test_an_object_is_read_as_it_is() -> None:
    assert read_object('{"a": [1, 2.5, null, true, "é \\" ["]}'.encode()) == {
        "a": [1, 2.5, None, True, 'é " [']
    }


def test_no_body_is_an_empty_object() -> None:
    assert read_object(b" \n") == {}


def test_nesting_up_to_the_limit_is_read() -> None:
    assert read_object(b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'{"x": {"a": 1, "a": 2}}', "duplicate_key"),
        (b'{"a": NaN}', "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b'{"a": 1e999}', "number_too_large"),
        (b'{"a": 1234567890123456}', "number_too_large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number_too_large"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "too_deep"),
        (b"[" * 30000, "too_deep"),
        (b'{"a": "' + b"[" * 100, "not_json"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 1} {"b": 2}', "not_json"),
        (b'\xef\xbb\xbf{"a": 1}', "not_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\\ud800"}', "broken_text"),
        (b'{"\\udc00": 1}', "broken_text"),
    ],
)
def test_a_body_that_could_mean_something_else_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_object(body)
    assert refused.value.facts == {"field": "body", "problem": problem}
