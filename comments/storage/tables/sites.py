"""A publisher's property: sites, their keys and rules, the articles that threads hang on."""

import sqlalchemy as sa

from comments.storage.tables.columns import Id, Micros, key, metadata, to

sites = sa.Table(
    "sites",
    metadata,
    key(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("origins", sa.Text, nullable=False),  # JSON list of scheme://host[:port]
    sa.Column("products", sa.Text, nullable=False),  # JSON list
    sa.Column("settings", sa.Text, nullable=False),  # JSON of core.site.SiteSettings
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("rules_id", Id),  # the rule set that counts; none = the defaults. No key: the two would need each other
    sa.Column("created_at", Micros, nullable=False),
)

rule_sets = sa.Table(  # versions of rules: nobody changes a row, what counts is what sites and articles name
    "rule_sets",
    metadata,
    key(),
    to("sites"),
    to("articles", nullable=True),  # none: the site's rules; else what the article has otherwise
    sa.Column("number", sa.Integer, nullable=False),  # counts the versions of this site or article
    sa.Column("rules", sa.Text, nullable=False),  # JSON of core.moderation.ruleset.RuleSet, or of overrides
    sa.Column("reason", sa.Text),  # why it was changed
    to("users", nullable=True),  # none: the command line
    sa.Column("created_at", Micros, nullable=False),
    sa.Index("ix_rule_sets_site_id", "site_id", "article_id", "number"),
)

site_keys = sa.Table(
    "site_keys",
    metadata,
    key(),
    to("sites"),
    sa.Column("kid", sa.Text),  # None: any token without or with an unknown kid may try it
    sa.Column("kind", sa.Text, nullable=False),  # secret | jwks | pem
    sa.Column("value", sa.Text, nullable=False),  # the secret, the JWKS URL or the PEM
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("revoked_at", Micros),
    sa.Index("ix_site_keys_site_id", "site_id"),
)

articles = sa.Table(
    "articles",
    metadata,
    key(),
    to("sites"),
    sa.Column("key", sa.Text, nullable=False),  # the publisher's own id
    sa.Column("url", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("mode", sa.Text, nullable=False, server_default="open"),
    sa.Column("section", sa.Text),
    sa.Column("rules_id", Id),  # the rule set with what it has otherwise
    sa.Column("seq", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("total", sa.Integer, nullable=False, server_default="0"),  # published comments
    sa.Column("reactions_at", Micros, nullable=False, server_default="0"),  # when reactions last took a seq
    sa.Column("opens_at", Micros),  # when a job opens or closes the thread; none once that is done
    sa.Column("closes_at", Micros),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("site_id", "key"),
    sa.Index("ix_articles_site_id", "site_id", "id"),
)
