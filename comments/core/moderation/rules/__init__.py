"""The policy of the house on one screen: what is asked of every new or edited comment, in this order.

A rule is one function in the file of its name; its docstring is the policy in one sentence. First what refuses, then
the publisher's own lists, which hold for everybody, then what approves (and so overrules all below it), then what
holds. A rule knows no other rule, asks nobody, and changes no text.
"""

from comments.core.moderation.findings import Rule
from comments.core.moderation.rules.article_open import article_open
from comments.core.moderation.rules.banned_author import banned_author
from comments.core.moderation.rules.banned_words import banned_words
from comments.core.moderation.rules.blocked_domains import blocked_domains
from comments.core.moderation.rules.capitals import capitals
from comments.core.moderation.rules.length import length
from comments.core.moderation.rules.links import links
from comments.core.moderation.rules.near_repeat import near_repeat
from comments.core.moderation.rules.newcomer import newcomer
from comments.core.moderation.rules.newcomer_links import newcomer_links
from comments.core.moderation.rules.opinion import opinion
from comments.core.moderation.rules.pace import pace
from comments.core.moderation.rules.premoderated import premoderated
from comments.core.moderation.rules.quiet_hours import quiet_hours
from comments.core.moderation.rules.repeat import repeat
from comments.core.moderation.rules.suspect_words import suspect_words
from comments.core.moderation.rules.thread_locked import thread_locked
from comments.core.moderation.rules.trusted_author import trusted_author

RULES: tuple[Rule, ...] = (
    article_open,
    banned_author,
    thread_locked,
    length,
    repeat,
    pace,
    banned_words,
    blocked_domains,
    suspect_words,
    trusted_author,
    links,
    newcomer_links,
    near_repeat,
    capitals,
    newcomer,
    quiet_hours,
    premoderated,
    opinion,
)
