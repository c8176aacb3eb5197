"""How the OpenAPI document groups its operations, and the pages at /api/docs with it."""

TAGS = {  # of which blueprints; what each group is about
    "Sites": ("One site: name, origins, settings, what its tokens are signed with, its members' access.", ("sites",)),
    "Articles": ("Articles by the publisher's own ids: set up, opened, closed, planned.", ("articles",)),
    "Queues": ("What waits, is reported, is new, is appealed against.", ("queues", "claims", "search")),
    "Comments": ("One comment with its thread and history, and the site's articles and log.", ("moderation",)),
    "Decisions": ("Approve, reject, take back; one or many; appeals.", ("decisions", "appeals")),
    "People": ("Members as moderators see them: warned, restricted, noted.", ("people",)),
    "Rules": ("What holds or refuses comments, in versions, tried before they count.", ("rules",)),
    "Classifiers": ("What gives opinions from outside.", ("classifiers",)),
    "Receipts": ("What authors are told.", ("texts",)),
    "Figures": ("A site in numbers.", ("figures", "gates")),
    "Webhooks": ("What your own servers are told when it happens.", ("webhooks",)),
    "Moving": ("Imports and exports.", ("imports", "exports", "erasure")),
    "Law": ("Notices, statements of reasons, redress.", ("notices", "law", "statements")),
    "API keys": ("Keys of this API; made and revoked by people alone.", ("api_keys",)),
    "Console": ("Signing in to the console, one's own account.", ("sessions", "accounts", "preferences")),
    "Threads": ("What the widget reads and writes.", ("threads", "tabs", "teasers", "composing", "follows")),
    "Members": (
        "A reader's own session, name, mutes, notifications, mail, data and page.",
        ("members", "notifications", "me_api", "me_mail", "me_data"),
    ),
}
OTHERS = "More"
_OF_BLUEPRINTS = {blueprint: tag for tag, (_, blueprints) in TAGS.items() for blueprint in blueprints}


def tag_of(endpoint: str) -> str:
    """The group of a view; a blueprint that is in none is under “More”."""
    return _OF_BLUEPRINTS.get(endpoint.partition(".")[0], OTHERS)
