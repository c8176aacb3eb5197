"""Which language a text is in. Pure; storage keeps it with the comment, for the queues and for receipts.

CLD2 says it from tables in its wheel, in some 20 µs for a comment; it is loaded at the first question. It knows where
it cannot tell, and then we do not guess.
"""

import re
from functools import cache
from typing import Any

MOST = 4000  # code points that are looked at: more makes nobody surer
# what is no language, told without looking back: any text takes linear time. CLD2 refuses controls
_OTHER = re.compile(r"https?://\S+|@[\w.-]+|[\x00-\x1f\x7f\ud800-\udfff]")
_TODAY = {"iw": "he", "jw": "jv", "mo": "ro", "sh": "sr", "tl": "fil"}  # codes that have others by now


def language_of(text: str) -> str | None:
    """ISO 639 code of two letters (three where there are no two); None where it is too short or mixed to say."""
    words = _OTHER.sub(" ", text[:MOST])
    try:
        reliable, _, found = _cld2().detect(words, isPlainText=True, bestEffort=False)
    except _cld2().error:
        return None
    code = str(found[0][1]).partition("-")[0]
    return _TODAY.get(code, code) if reliable and code.isalpha() and code != "un" else None


@cache
def _cld2() -> Any:
    import pycld2  # noqa: PLC0415 # 14 ms that no start waits for

    return pycld2
