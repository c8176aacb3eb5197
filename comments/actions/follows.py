"""What members do to hear of what is new: follow a thread or a comment, look at it, let it go."""

from comments.actions.members import Access, Writer, acting_writer
from comments.core.errors import Conflict, NotFound
from comments.core.policy import THE_PUBLIC, Action, Subject, require
from comments.storage import follows as rows
from comments.storage.comments import article_for
from comments.storage.mail import listen
from comments.storage.threads import find_article, find_comment
from comments.storage.transaction import Transaction

MOST = 500  # things that one member follows


def follow_article(tx: Transaction, access: Access, site: str, key: str, on: bool) -> None:
    """Follow a thread, also one that nobody has written in yet; again: all that is there now has been seen."""
    writer = acting_writer(tx, access)
    if writer.site.key != site:
        raise NotFound("site")
    require(writer.viewer, Action.FOLLOW, Subject(writer.site.id, writer.site.settings), tx.now)
    article = find_article(tx.conn, writer.site.id, key)
    if not on:
        if article is not None:
            rows.drop_follow(tx.conn, writer.member.id, article.id, None)
        return
    _make_room(tx, writer, None if article is None else article.id, None)
    article = article or article_for(tx.conn, writer.site.id, key, tx.now)
    rows.put_follow(tx.conn, writer.member.id, article.id, None, article.total, tx.now)
    listen(tx.conn, writer.member.id)


def follow_comment(tx: Transaction, access: Access, comment_id: int, on: bool) -> None:
    """Follow the replies to a comment; again: all that are there now have been seen. What is not public any more can
    only be let go.
    """
    writer = acting_writer(tx, access)
    require(writer.viewer, Action.FOLLOW, Subject(writer.site.id, writer.site.settings), tx.now)
    comment = find_comment(tx.conn, comment_id)
    if comment is None or comment.site_id != writer.site.id:
        raise NotFound("comment")
    if not on:
        rows.drop_follow(tx.conn, writer.member.id, comment.article_id, comment_id)
        return
    if THE_PUBLIC.admits(comment.status, comment.member_id, comment.visible_children) != "full":
        raise NotFound("comment")
    _make_room(tx, writer, comment.article_id, comment_id)
    rows.put_follow(tx.conn, writer.member.id, comment.article_id, comment_id, comment.reply_count, tx.now)
    listen(tx.conn, writer.member.id)


def _make_room(tx: Transaction, writer: Writer, article_id: int | None, comment_id: int | None) -> None:
    if article_id is not None and rows.is_following(tx.conn, writer.member.id, article_id, comment_id):
        return
    if rows.count_follows(tx.conn, writer.member.id, MOST) == MOST:
        raise Conflict("too_many_follows", f"One follows at most {MOST} threads and comments: let some go.", limit=MOST)
