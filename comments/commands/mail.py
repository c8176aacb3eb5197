"""`comments mail-test ADDRESS`: whether mail goes out, tried with one."""

import sys

import click

from comments.settings import read_settings


@click.command("mail-test")
@click.argument("address")
def mail_test(address: str) -> None:
    """Send one mail to ADDRESS by COMMENTS_SMTP_URL, and say what the server answered."""
    import secrets
    import time
    from urllib.parse import urlsplit

    from comments.core.letters import Envelope, Letter, write
    from comments.core.mail import read_address
    from comments.core.words import Words
    from comments.mailing import Line, NotSent, Uncertain
    from comments.spoken import house_texts

    settings = read_settings()
    if settings.smtp is None or settings.mail_from is None:
        raise click.ClickException("No mail server is named: set COMMENTS_SMTP_URL and COMMENTS_MAIL_FROM.")
    to, host = read_address(address), urlsplit(settings.public_url).hostname or "localhost"
    letter = Letter(
        subject="Test mail of comments",
        words=Words("en", house_texts()),
        site=host,
        paragraphs=(f"This mail was sent by “comments mail-test” on behalf of {settings.public_url}.", "All is well."),
    )
    envelope = Envelope(
        mail_from=settings.mail_from,
        name="comments",
        to=to,
        message_id=f"<comments.test.{secrets.token_hex(8)}@{host}>",
        now=time.time_ns() // 1000,
        list_id=f"test.comments.{host}",
    )
    try:
        line = Line(settings.smtp, settings.mail_from, host)
        line.offer(to, write(letter, envelope))
        said = line.finish()
        line.close()
    except (NotSent, Uncertain) as error:
        click.echo(f"{settings.smtp.host}:{settings.smtp.port} did not take the mail: {error}", err=True)
        sys.exit(1)
    click.echo(f"{settings.smtp.host}:{settings.smtp.port} took the mail to {to}: {said}")
