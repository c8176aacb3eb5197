"""The matrix: every kind of viewer × every action, and what each kind sees. A new action without a row fails."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from comments.core.api_keys import Scope
from comments.core.entitlement import State
from comments.core.errors import Forbidden, NotFound, Unauthenticated
from comments.core.identity import NOBODY, Role, Viewer
from comments.core.policy import THE_PUBLIC, Action, Subject, gate, require, visibility
from comments.core.site import SiteSettings
from comments.core.status import Status

NOW = 1_800_000_000_000_000
HERE, ELSEWHERE, ME, OTHER = 7, 8, 1, 2
READER = Viewer(role=Role.MEMBER, id=ME, site_id=HERE, name="kiesel", state=State.ACTIVE)
VIEWERS = {
    "nobody": NOBODY,
    "registered": replace(READER, state=State.REGISTERED),
    "subscriber": READER,
    "lapsed": replace(READER, state=State.LAPSED),
    "nameless": replace(READER, name=None),
    "suspended": replace(READER, suspended_until=NOW + 1),
    "banned": replace(READER, banned=True),
    "of another site": replace(READER, site_id=ELSEWHERE),
    "moderator": Viewer(role=Role.MODERATOR, id=ME, sites=frozenset({HERE}), name="m"),
    "other moderator": Viewer(role=Role.MODERATOR, id=ME, sites=frozenset({ELSEWHERE}), name="m"),
    "administrator": Viewer(role=Role.ADMINISTRATOR, id=ME, sites=None, name="a"),
    "staff": Viewer(role=Role.STAFF, id=ME, sites=frozenset({HERE}), name="s"),
    "moderator of sections": Viewer(
        role=Role.MODERATOR, id=ME, sites=frozenset({HERE}), sections=frozenset({"sport"}), name="m"
    ),
}
# "own": on one's own comment only; "others": on others' only; otherwise yes, or the code of the refusal.
COLUMNS = list(VIEWERS)
MEMBERS_ONLY = " forbidden forbidden forbidden forbidden forbidden"
NO_READER = "forbidden " * 8
LOOKS = f"{NO_READER}yes forbidden yes yes yes"  # whoever works in the console
DECIDES = f"{NO_READER}yes forbidden yes forbidden yes"  # moderators, also those of some sections
WHOLE_SITE = f"{NO_READER}yes forbidden yes forbidden forbidden"
CONFIGURES = f"{NO_READER}forbidden forbidden yes forbidden forbidden"
MATRIX = {
    Action.READ: "yes yes yes yes yes yes yes yes yes forbidden yes yes yes",
    Action.POST: "token_missing not_entitled_registered yes not_entitled_lapsed name_needed suspended banned"
    " forbidden" + MEMBERS_ONLY,
    Action.EDIT: "token_missing not_entitled_registered own not_entitled_lapsed own suspended banned"
    " forbidden" + MEMBERS_ONLY,
    Action.WITHDRAW: "token_missing own own own own own own forbidden" + MEMBERS_ONLY,
    Action.REACT: "token_missing others others others others suspended banned forbidden" + MEMBERS_ONLY,
    Action.REPORT: "token_missing others others others others others banned forbidden" + MEMBERS_ONLY,
    Action.MUTE: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.FOLLOW: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.SEE_PEOPLE: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.NAME_ONESELF: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.SEE_WARNING: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.CHOOSE_MAIL: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.APPEAL: "token_missing own own own own own own forbidden" + MEMBERS_ONLY,
    Action.SEE_ONESELF: "token_missing yes yes yes yes yes yes forbidden" + MEMBERS_ONLY,
    Action.SEE_QUEUES: LOOKS,
    Action.SEARCH: LOOKS,
    Action.SEE_MEMBERS: LOOKS,
    Action.SEE_FIGURES: f"{NO_READER}yes forbidden yes yes forbidden",
    Action.SEE_RULES: LOOKS,
    Action.PICK: LOOKS,
    Action.NOTE: LOOKS,
    Action.CLAIM: DECIDES,
    Action.DECIDE: DECIDES,
    Action.LOCK: DECIDES,
    Action.DECIDE_APPEAL: DECIDES,
    Action.SEE_NOTICES: WHOLE_SITE,
    Action.DECIDE_NOTICE: WHOLE_SITE,
    Action.WARN: DECIDES,
    Action.PREMODERATE: WHOLE_SITE,
    Action.BAN: WHOLE_SITE,
    Action.BAN_EVERYWHERE: CONFIGURES,
    Action.SET_MODE: DECIDES,
    Action.SEE_AUDIT: WHOLE_SITE,
    Action.TRY_RULES: WHOLE_SITE,
    Action.CHANGE_RULES: CONFIGURES,
    Action.MANAGE_SITE: CONFIGURES,
    Action.MANAGE_API_KEYS: CONFIGURES,
    Action.SEE_MODERATORS: CONFIGURES,
}


def subject(author: int | None = OTHER, **settings: Any) -> Subject:
    return Subject(HERE, msgspec.convert(settings, SiteSettings), author)


def outcome(viewer: Viewer, action: Action, about: Subject) -> str:
    try:
        require(viewer, action, about, NOW)
    except (Forbidden, NotFound, Unauthenticated) as refused:
        return refused.code
    return "yes"


def test_every_action_has_its_row() -> None:
    assert set(MATRIX) == set(Action)
    assert all(len(row.split()) == len(COLUMNS) for row in MATRIX.values())


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("who", COLUMNS)
def test_the_matrix(who: str, action: Action) -> None:
    wanted = MATRIX[action].split()[COLUMNS.index(who)]
    of_others, of_mine = outcome(VIEWERS[who], action, subject(OTHER)), outcome(VIEWERS[who], action, subject(ME))
    if wanted == "own":
        assert (of_others, of_mine) == ("forbidden", "yes")
    elif wanted == "others":
        assert (of_others, of_mine) == ("yes", "own_comment")
    elif action in (Action.EDIT, Action.REACT, Action.REPORT) and wanted not in ("token_missing", "forbidden"):
        assert wanted in (of_others, of_mine)
        assert {of_others, of_mine} <= {wanted, "forbidden", "own_comment"}
    else:
        assert (of_others, of_mine) == (wanted, wanted)


MODERATING, MANAGING = {Scope.MODERATE}, {Scope.MANAGE}
OF_SCOPES = {  # which of a key's scopes allow what they do not all allow; what is in neither list no key may
    **dict.fromkeys(
        (Action.PICK, Action.NOTE, Action.CLAIM, Action.DECIDE, Action.LOCK, Action.DECIDE_APPEAL, Action.WARN),
        MODERATING,
    ),
    Action.PREMODERATE: MODERATING,
    Action.BAN: MODERATING,
    Action.SEE_NOTICES: MODERATING,
    Action.DECIDE_NOTICE: MODERATING,
    Action.SET_MODE: MODERATING | MANAGING,
    Action.TRY_RULES: MODERATING | MANAGING,
    Action.CHANGE_RULES: MANAGING,
    Action.MANAGE_SITE: MANAGING,
}
EVERY_KEY = {
    Action.READ, Action.SEE_QUEUES, Action.SEARCH, Action.SEE_MEMBERS, Action.SEE_FIGURES, Action.SEE_MODERATORS,
    Action.SEE_RULES, Action.SEE_AUDIT,
}  # fmt: skip
PEOPLES = {Action.MANAGE_API_KEYS, Action.BAN_EVERYWHERE}  # of what the console has, and no key does


@pytest.mark.parametrize("action", Action)
def test_what_keys_may(action: Action) -> None:
    """Each scope by itself, all of them, none; at the key's own site and at another."""
    for scopes in (*({one} for one in Scope), set(Scope), set()):
        key = Viewer(role=Role.KEY, id=ME, sites=frozenset({HERE}), scopes=frozenset(scopes), name="k")
        may = bool(scopes) if action in EVERY_KEY else bool(OF_SCOPES.get(action, set()) & scopes)
        assert outcome(key, action, subject()) == ("yes" if may else "scope"), scopes
        assert outcome(replace(key, sites=frozenset({ELSEWHERE})), action, subject()) == "scope"
    console = {action for action, row in MATRIX.items() if row.split()[COLUMNS.index("administrator")] == "yes"}
    assert console == EVERY_KEY | OF_SCOPES.keys() | PEOPLES, "say which scope allows a new action"


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("who", COLUMNS)
def test_nobody_does_anything_to_what_an_erased_author_left(who: str, action: Action) -> None:
    if action in (Action.EDIT, Action.WITHDRAW, Action.APPEAL):
        assert outcome(VIEWERS[who], action, subject(None)) != "yes"


@pytest.mark.parametrize("section", ["sport", "culture", None])
@pytest.mark.parametrize("action", Action)
def test_a_moderator_of_sections_stays_within_them(action: Action, section: str | None) -> None:
    about = replace(subject(), section=section)
    anywhere = outcome(VIEWERS["moderator"], action, about)
    assert outcome(VIEWERS["moderator of sections"], action, about) == (anywhere if section == "sport" else "not_found")
    assert anywhere == MATRIX[action].split()[COLUMNS.index("moderator")]


WRITERS: list[tuple[State, dict[str, Any], str | None]] = [
    (State.ACTIVE, {}, None),
    (State.TRIAL, {}, None),
    (State.GRACE, {}, None),
    (State.REGISTERED, {}, "registered"),
    (State.LAPSED, {}, "lapsed"),
    (State.TRIAL, {"write_states": ["active"]}, "trial_over"),
    (State.GRACE, {"write_states": ["active"]}, "lapsed"),
    (State.ACTIVE, {"write_states": ["trial"]}, "registered"),
    (State.REGISTERED, {"write": "registered"}, None),
    (State.LAPSED, {"write": "registered"}, None),
]
CODES = {"registered": "not_entitled_registered", "trial_over": "not_entitled_trial", "lapsed": "not_entitled_lapsed"}


@pytest.mark.parametrize(("state", "settings", "closed"), WRITERS)
def test_the_gate_and_the_code_of_the_refusal(state: State, settings: dict[str, Any], closed: str | None) -> None:
    viewer = replace(READER, state=state)
    about = subject(**settings)
    assert gate(viewer, about.settings, NOW) == closed
    assert outcome(viewer, Action.POST, about) == (CODES[closed] if closed else "yes")


@pytest.mark.parametrize(
    ("change", "closed"),
    [
        ({"banned": True, "suspended_until": NOW + 1, "state": State.REGISTERED, "name": None}, "banned"),
        ({"suspended_until": NOW + 1, "state": State.REGISTERED, "name": None}, "suspended"),
        ({"suspended_until": NOW, "state": State.REGISTERED, "name": None}, "registered"),
        ({"suspended_until": NOW, "name": None}, "name_needed"),
        ({"suspended_until": NOW}, None),
        ({"name": ""}, "name_needed"),
    ],
)
def test_which_gate_speaks_first(change: dict[str, Any], closed: str | None) -> None:
    assert gate(replace(READER, **change), SiteSettings(), NOW) == closed
    assert gate(NOBODY, SiteSettings(), NOW) == "nobody"


def test_a_suspension_says_until_when() -> None:
    with pytest.raises(Forbidden) as refused:
        require(replace(READER, suspended_until=NOW + 1), Action.POST, subject(), NOW)
    assert refused.value.extras == {"until": "2027-01-15T08:00:00.000001Z"}
    with pytest.raises(Forbidden) as banned:
        require(replace(READER, banned=True), Action.POST, subject(), NOW)
    assert banned.value.extras == {}


READING: list[tuple[str, dict[str, str]]] = [
    ("everyone", {}),
    ("registered", {"nobody": "token_missing", "of another site": "registered_only"}),
    (
        "subscribers",
        {
            "nobody": "token_missing",
            "registered": "subscribers_only",
            "lapsed": "subscribers_only",
            "of another site": "subscribers_only",
        },
    ),
]


@pytest.mark.parametrize("who", COLUMNS)
@pytest.mark.parametrize(("read", "refusals"), READING)
def test_who_reads_what(who: str, read: str, refusals: dict[str, str]) -> None:
    wanted = "forbidden" if who == "other moderator" else refusals.get(who, "yes")
    assert outcome(VIEWERS[who], Action.READ, subject(read=read)) == wanted


def test_where_one_may_not_read_one_may_not_react() -> None:
    about = subject(read="subscribers")
    assert outcome(replace(READER, state=State.LAPSED), Action.REACT, about) == "not_entitled_lapsed"
    assert outcome(replace(READER, state=State.REGISTERED), Action.REACT, about) == "not_entitled_registered"


SEES = """
                  nobody other own   moderator
    published     full   full  full  full
    waiting       stub   stub  full  full
    rejected      stub   stub  full  full
    withdrawn     stub   stub  stub  full
    erased        stub   stub  stub  stub
"""


@pytest.mark.parametrize("line", SEES.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_what_is_seen(line: str) -> None:
    status, *sights = line.split()
    kinds = {
        "nobody": (visibility(NOBODY, HERE), OTHER),
        "other": (visibility(READER, HERE), OTHER),
        "own": (visibility(READER, HERE), ME),
        "moderator": (visibility(VIEWERS["moderator"], HERE), OTHER),
    }
    for (seen, author), sight in zip(kinds.values(), sights, strict=True):
        assert seen.admits(Status(status), author, 1) == sight
        assert seen.admits(Status(status), author, 0) == ("absent" if sight == "stub" else sight)


def test_only_members_of_the_site_and_its_moderators_see_more_than_the_public() -> None:
    for who in ("nobody", "of another site", "other moderator"):
        assert visibility(VIEWERS[who], HERE) == THE_PUBLIC


def test_nobody_owns_what_has_no_author() -> None:
    for who, viewer in VIEWERS.items():
        if "moderator" not in who and who not in ("administrator", "staff"):
            assert visibility(viewer, HERE).admits(Status.WAITING, None, 5) == "stub"
            assert visibility(viewer, HERE).admits(Status.WAITING, None, 0) == "absent"
