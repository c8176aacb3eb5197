"""What readers have at the newspaper: an account, a token for the comments, a subscription that comes and goes."""

import time
from urllib.parse import urlencode

from flask import Flask, abort, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from comments.demo.config import Publication
from comments.demo.house import Newspaper, View, local_path
from comments.demo.notice import tell


def add_accounts(app: Flask, newspaper: Newspaper) -> None:
    def token(publication: Publication) -> AnyResponse:
        """What the widget's token-url answers: a fresh token for whoever is logged in here, null for everybody else.

        A 401 would do as well, but browsers write it into the console as an error.
        """
        reader = newspaper.reader(publication)
        return jsonify(token=None if reader is None else newspaper.token(publication, reader))

    def login(publication: Publication) -> AnyResponse | str:
        back = local_path(request.values.get("return"), newspaper.config.origin(publication))
        readers = newspaper.readers[publication]
        problem = None
        if request.method == "POST":
            if "name" in request.form:
                reader = readers.sign_up(request.form["name"])
                problem = None if reader else "There are too many readers here already."
            else:
                reader = readers.find(request.form.get("sub"))
                problem = None if reader else "There is no such reader."
            if reader is not None:
                session.clear()
                session["reader"] = reader.sub
                return redirect(back, 303)
        return newspaper.render(publication, "login.html", groups=readers.groups(), back=back, problem=problem)

    def logout(publication: Publication) -> AnyResponse:
        session.clear()
        return redirect(local_path(request.form.get("return"), newspaper.config.origin(publication)), 303)

    def subscription(publication: Publication) -> AnyResponse | str:
        origin = newspaper.config.origin(publication)
        back = local_path(request.values.get("return"), origin)
        reader = newspaper.reader(publication)
        if request.method == "GET":
            return newspaper.render(publication, "subscription.html", back=back)
        if reader is None:
            here = url_for("subscription") + "?" + urlencode({"return": back})
            return redirect(url_for("login") + "?" + urlencode({"return": here}), 303)
        plan = request.form.get("plan")
        if plan not in ("trial", "full", "cancelled"):
            abort(400, "A plan is trial, full or cancelled.")
        reader = newspaper.readers[publication].subscribe(reader, plan, time.time())  # type: ignore[arg-type]
        tell(newspaper.config.service_url, publication.key, reader.sub, newspaper.token(publication, reader))
        here = url_for("subscription") + "?" + urlencode({"return": back})
        return redirect(here if plan == "cancelled" else back, 303)

    rules: list[tuple[str, View, list[str]]] = [
        ("/token", token, ["GET"]),
        ("/login", login, ["GET", "POST"]),
        ("/logout", logout, ["POST"]),
        ("/subscription", subscription, ["GET", "POST"]),
    ]
    for path, view, methods in rules:
        app.add_url_rule(path, view.__name__, newspaper.of_a_publication(view), methods=methods)
