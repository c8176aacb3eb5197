"""A member's mail at their own page: where it goes and of what they want it."""

from flask import Response

from comments.actions.mail import mail_preferences, set_mail_preferences
from comments.actions.members import acting_writer
from comments.core.errors import Conflict
from comments.core.mail import MailChange
from comments.core.present import Json
from comments.http import schemas_me
from comments.http.me import own_blueprint, visiting_member, visitor
from comments.http.openapi import operation
from comments.http.request import answer, parts, read_body

blueprint = own_blueprint("me_mail")


def _shown(preferences: Json) -> Json:
    """What the page says of them: who keeps mail off, and whose word the address is."""
    on, address = preferences.pop("on"), preferences["address"]
    by = "publisher" if address == preferences["vouched"] else "member"
    off = "operator" if parts().settings.smtp is None else None if on else "site"
    return {"off": off, "by": by if address else None} | preferences


@blueprint.get("/mail")
@operation("Where one's mail goes, and of what one wants it", security="me", answers={200: schemas_me.OwnMail})
def mail(site: str) -> Response:
    with visiting_member() as (conn, _, member):
        return answer(_shown(mail_preferences(conn, member.id)))


@blueprint.put("/mail")
@operation(
    "Choose one's mail: what is left out stays, a new address is asked by a mailed link first",
    security="me",
    body=MailChange,
    answers={200: schemas_me.OwnMail},
)
def choose(site: str) -> Response:
    body = read_body(MailChange)
    with parts().database.transaction() as tx:
        chosen = set_mail_preferences(tx, acting_writer(tx, visitor().access).member, body)
        if parts().settings.smtp is None:  # nothing is kept: no link would ever come
            raise Conflict("mail_off", "This service sends no mail: its operator has named no mail server.")
    return answer(_shown(chosen))
