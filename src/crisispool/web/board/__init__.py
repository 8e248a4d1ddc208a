"""The board: pages for colleagues who are signed in. How a page is added stands here.

1. A row in `pages.py`: method, path, title, who may see it, its handler, whether it stands in the menu (with
   ``office=True`` below its last word, where seldom needed things are). From that row
   `door.py` does the rest: the session, the role (not yours is the same 404 as not there; signed out goes to sign in),
   the CSRF token and the origin of a change, headers, the frame, errors. A row with ``fresh=True`` asks to prove once
   more who one is when that is longer than five minutes ago.
2. A handler is ``async def shown(visit: Visit) -> web.StreamResponse``. It asks services as `visit.actor` and ends with
   ``visit.show("board/units.html", units=...)``. A service that raises `NotThere` gives the 404.
3. The template extends ``board/frame.html`` and fills the block ``main``; words are ``{{ b("units.heading") }}``, the
   key `board.units.heading` of the texts, in all three languages. The title of a row is `board.title.<title>`.
   ``{% set %}`` and ``{% import %}`` belong inside the block.
   Asked by htmx only a block is sent: ``main``, or the one named by ``visit.show(..., block="list")``.
4. A change is a form and a row with POST. In the form stand ``{{ hidden() }}`` (the CSRF token and a fresh operation
   id) and fields made with the macros of ``board/forms.html``. The handler reads ``visit.given(StatusBody)``, the same
   body as the interface takes, or ``visit.form``; it calls the service with `visit.operation_id` and ends with
   ``visit.go("/units", done="unit_said")``, which says `board.done.unit_said` on the page it goes to. A repeated
   form has one effect, because its operation id is the same.
5. What a service refuses goes to the row's ``again=shown``: that handler shows the page once more, with `visit.wrong`
   (sentences by field, or ``body``) and what was typed in `visit.form`; the macros put both in their places when they
   are given the address of the form. The status is then 422 or 409, and htmx swaps it in. Nothing typed is lost.
   Before a form in ``main`` is sent, `static/sending.js` asks `session_now.py` who is signed in now: without a session,
   a line or a server, or with somebody else signed in, nothing is sent and it says so beside the button.
   A part of a page that is made anew when there is news asks `static/in_hand.js` first (what htmx swaps is asked there
   by itself, and gets the trigger ``look`` later): what somebody presses or has sent stays until it has its answer.
6. Add ``hx-post``, ``hx-target`` and so on to forms and links that work without them. Scripts only from `static/`;
   no ``style``, no ``on…`` attributes, no ``hx-on``: the policy forbids them. While a stream or a call fails,
   `static/board.js` shows the strip that says so. What htmx or a stream asks does not keep somebody signed in; a
   stream asks ``session.entered(request)`` now and then, and ends when nobody is.
7. A line in `tests/web/board_pages.py`: who gets the page, and the kinds of the ids in its path. The tests walk all
   pages as all roles and fail on a page without a line. And one in `tests/browser/looks.py`: who looks at it where it
   has something to show; from there it is tried for who does not see or has no mouse, and drawn by `make screenshots`.
"""
