"""What one reads in the newspaper: front pages, sections, articles, and the page that says what to try."""

from typing import Any

from flask import Flask, Response, abort, render_template, request, url_for

from comments.demo.config import GAZETTE, PUBLICATIONS, Publication
from comments.demo.house import Newspaper
from comments.demo.pages import Article, Paper

PER_PAGE = 60  # articles of an archive on one page


def add_pages(app: Flask, newspaper: Newspaper) -> None:
    _add_fronts(app, newspaper)
    _add_articles(app, newspaper)
    _add_plain_pages(app, newspaper)


def _add_fronts(app: Flask, newspaper: Newspaper) -> None:
    @app.get("/")
    def front() -> str:
        publication = newspaper.publication()
        if publication is None:
            papers = [(one.key, newspaper.papers[one], newspaper.config.origin(one)) for one in PUBLICATIONS]
            return render_template("landing.html", papers=papers, here="/")
        articles = list(newspaper.papers[publication].articles.values())
        number = max(request.args.get("page", 1, type=int), 1)
        shown = articles[(number - 1) * PER_PAGE : number * PER_PAGE]
        more = number + 1 if len(articles) > number * PER_PAGE else None
        written = publication is not GAZETTE or newspaper.config.archive is None
        return newspaper.render(
            publication, "front.html", articles=shown, number=number, more=more, written=written, section=None
        )

    def section(publication: Publication, name: str) -> str:
        articles = [one for one in newspaper.papers[publication].articles.values() if one.section.lower() == name]
        if not articles:
            abort(404)
        return newspaper.render(
            publication, "front.html", articles=articles[:PER_PAGE], number=1, more=None, written=True,
            section=articles[0].section,
        )  # fmt: skip

    app.add_url_rule("/sections/<name>", "section", newspaper.of_a_publication(section))


def _add_articles(app: Flask, newspaper: Newspaper) -> None:
    def article(publication: Publication, article_id: str) -> str:
        paper = newspaper.papers[publication]
        found = paper.articles.get(article_id)
        if found is None:
            abort(404)
        address = newspaper.config.origin(publication) + url_for("article", article_id=found.id)
        return newspaper.render(
            publication, "article.html", article=found, address=address, threads=_threads(found), **_next(paper, found)
        )

    app.add_url_rule("/articles/<path:article_id>", "article", newspaper.of_a_publication(article))


def _threads(article: Article) -> list[dict[str, Any]]:
    """The script tags of a page: its own, or one below each heading."""
    if not article.threads:
        return [{"id": article.id, "title": article.headline, "heading": None}]
    return [
        {"id": key, "title": f"{article.headline} – {heading}", "heading": heading} for key, heading in article.threads
    ]


def _next(paper: Paper, article: Article) -> dict[str, Any]:
    return {"beside": paper.beside(article)}


def _add_plain_pages(app: Flask, newspaper: Newspaper) -> None:
    @app.get("/what-to-try")
    def what_to_try() -> str:
        origins = {one.key: newspaper.config.origin(one) for one in PUBLICATIONS}
        return render_template("try.html", origins=origins, service=newspaper.config.service_url, here="/what-to-try")

    @app.get("/robots.txt")
    def robots() -> Response:
        return Response("User-agent: *\nDisallow: /login\nDisallow: /subscription\n", mimetype="text/plain")
