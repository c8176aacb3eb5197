"""A conversation with something of everything in it, in English and in Arabic: for the pictures of the widget."""

from typing import Any

from tests.e2e.widget_stage import Stage
from tests.live.paper import HELD, Member

SAID = {
    "en": {
        "root": "The bridge was closed for **eleven** weeks, and the ferry made up for all of it."
        " Has anybody counted what the detour cost? See [the minutes](https://example.com/minutes).",
        "list": "Three things were promised:\n\n1. a second ferry\n2. lights on the towpath\n3. an honest timetable\n\n"
        "> Everything will be ready in spring.\n\nNone of it came.",
        "reply": "I have: forty minutes a day, and the children’s swimming club.",
        "code": "The timetable is a list, nothing more: `07:10 07:40 08:10`, and the last boat at six. "
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung.",
        "mixed": "Somebody wrote it on the wall:\n\nالجسر مغلق حتى 2026\n\nand nobody knew who.",
        "mine": "I would have taken the bus, had there been one.",
        "held": f"They say {HELD} of the dog, and the dog says nothing.",
        "short": "Exactly.",
    },
    "ar": {
        "root": "بقي الجسر مغلقًا **أحد عشر** أسبوعًا، وقامت العبّارة مقامه كله. هل حسب أحد كم كلّفت الطريق البديلة؟"
        " انظر [المحضر](https://example.com/minutes).",
        "list": "وُعدنا بثلاثة أشياء:\n\n1. عبّارة ثانية\n2. إنارة على ضفة النهر\n3. جدول مواعيد صادق\n\n"
        "> سيكون كل شيء جاهزًا في الربيع.\n\nلم يأتِ شيء منها.",
        "reply": "نعم: أربعون دقيقة كل يوم، ونادي السباحة للأطفال.",
        "code": "الجدول قائمة لا أكثر: `07:10 07:40 08:10`، وآخر قارب في السادسة.",
        "mixed": "كتب أحدهم على الجدار:\n\nThe bridge is closed until 2026, they say.\n\nولم يعرف أحد من هو.",
        "mine": "كنت سأركب الحافلة لو كانت هناك حافلة 12 (Line 12).",
        "held": f"يقولون {HELD} من الكلب، والكلب لا يقول شيئًا.",
        "short": "بالضبط.",
    },
}


def said(stage: Stage, name: str) -> str:
    return SAID[stage.language][name]


def talk(stage: Stage, **settings: Any) -> dict[str, str]:
    """Nested, edited, picked, withdrawn, rejected, recommended, in both directions; the comments by what they are."""
    stage.found(**settings)
    kiesel, birke, ahorn = (stage.member(handle) for handle in ("kiesel", "birke", "ahorn"))
    desk = stage.paper.moderator()
    ids: dict[str, str] = {}

    def post(name: str, member: Member, text: str, parent: str | None = None) -> str:
        ids[name] = member.post("news", said(stage, text), parent)["id"]
        return ids[name]

    root = post("root", birke, "root")
    post("deep", birke, "short", post("deeper", kiesel, "code", post("reply", ahorn, "reply", root)))
    post("under", birke, "mixed", post("withdrawn", ahorn, "short", root))
    for number in range(4):
        birke.post("news", f"{said(stage, 'short')} {number}", root)
    post("list", ahorn, "list")
    birke.post("news", said(stage, "reply"), post("rejected", ahorn, "short"))
    post("mine", kiesel, "mine")
    ahorn.edit(ids["reply"], f"{said(stage, 'reply')} …")
    ahorn.withdraw(ids["withdrawn"])
    desk.reject(ids["rejected"])
    desk.mark(ids["list"], "pick", True)
    for member in (kiesel, ahorn):
        member.recommend(root)
    return ids
