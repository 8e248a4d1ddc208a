"""A mail server beside the whole program: in a thread of its own, on loopback, away and back at will."""

import asyncio
import threading

from tests.support.mail_server import MailServer, Received

PATIENCE_SECONDS = 60


class Beside:
    """A mail server in a thread of its own."""

    def __init__(self) -> None:
        self.server = MailServer(on_taken=self._one_more)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._more = threading.Condition()
        self.start()

    def start(self) -> None:
        """Listen, again where it was."""
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(10)

    def stop(self) -> None:
        """Nothing listens any more."""
        asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(10)

    def close(self) -> None:
        """The end."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def after(self, count: int) -> list[Received]:
        """What it took, once that is so many."""
        with self._more:
            there = self._more.wait_for(lambda: len(self.server.taken) >= count, PATIENCE_SECONDS)
            assert there, len(self.server.taken)
            return list(self.server.taken)

    def brought_to(self, mailbox: str) -> Received:
        """The first mail to this mailbox, once it is there."""
        with self._more:
            there = self._more.wait_for(lambda: self._to(mailbox), PATIENCE_SECONDS)
            assert there, mailbox
            return self._to(mailbox)[0]

    def _to(self, mailbox: str) -> list[Received]:
        return [each for each in self.server.taken if each.to == mailbox]

    def _one_more(self) -> None:
        with self._more:
            self._more.notify_all()
