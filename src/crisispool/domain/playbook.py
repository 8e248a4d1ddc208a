"""The playbook of a municipality: what is to be done after a material crisis, by whom, in which order."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from crisispool.domain.request import MATERIAL_KINDS, RequestKind


@dataclass(frozen=True, slots=True)
class PlaybookTask:
    """One task of a municipality's playbook, as its region file says it. `owner` is a service, never a person."""

    id: str
    network_id: str
    nis: str
    position: int
    task: str
    owner: str
    phone: str


@dataclass(frozen=True, slots=True)
class CaseTask:
    """A task of a case: what the playbook said when the case was handed over. `done_by` is a colleague.

    (case_id, position) is unique: a playbook is started once.
    """

    id: str
    network_id: str
    case_id: str
    position: int
    task: str
    owner: str
    phone: str
    done_at: datetime | None = None
    done_by: str | None = None
    version: int = 1


def playbook_of(
    kind: RequestKind, origin: str | None, whereabouts: str | None, towns: Container[str]
) -> str | None:
    """The municipality (NIS code) whose playbook a request starts: where they lived, else where they were found.

    None when it is no material crisis, or of no municipality of the network. Policy: the next working day, section 7.
    """
    if kind not in MATERIAL_KINDS:
        return None
    return next((nis for nis in (origin, whereabouts) if nis and nis in towns), None)
