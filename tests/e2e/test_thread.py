"""One reader and a thread: replies nest, long threads come in pages, permalinks lead deep, a refused text is kept."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsers import Reader
from tests.e2e.newspaper import Newspaper
from tests.live.paper import Paper

Visit = Callable[..., Reader]


def test_replies_stand_under_what_they_answer(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "The root.")
    paper.member("birke").post("news", "Another root.")
    thread = visit(paper, "news", "kiesel").thread
    reply = thread.comment("The root.").reply("Under the root.")
    reply.reply("Under the reply.")
    below = thread.box.get_by_role("listitem").filter(has=thread.page.get_by_label("Comment by birke"))
    under_root = below.filter(has_text="The root.").get_by_role("listitem")
    expect(under_root.filter(has_text="Under the reply.").first).to_be_visible()
    assert thread.texts() == ["Another root.", "The root.", "Under the root.", "Under the reply."]
    expect(thread.heading).to_have_text("4 comments")
    by_text = {one["body"][0][1]: one for one in paper.page("news")["comments"]}
    assert by_text["Under the reply."]["parent_id"] == by_text["Under the root."]["id"]


def test_beyond_the_depth_of_the_site_a_reply_says_whom_it_answers(
    new_paper: Callable[..., Paper], visit: Visit
) -> None:
    paper = new_paper(max_depth=1)
    kiesel, birke = paper.member("kiesel"), paper.member("birke")
    root = kiesel.post("news", "The root.")
    reply = birke.post("news", "The reply.", root["id"])
    kiesel.post("news", "The answer to it.", reply["id"])
    thread = visit(paper, "news").thread
    expect(thread.comment("The answer to it.").box).to_contain_text("in reply to birke")


def test_a_long_thread_comes_page_by_page_and_in_three_orders(paper: Paper, visit: Visit) -> None:
    kiesel, birke = paper.member("kiesel"), paper.member("birke")
    posted = [kiesel.post("news", f"Number {number}.") for number in range(1, 61)]
    birke.recommend(posted[29]["id"])
    thread = visit(paper, "news").thread
    order = thread.box.get_by_role("combobox", name="Order")

    def read_on() -> list[int]:
        more = thread.box.get_by_role("button", name="Show more comments")
        for shown in (25, 50):
            expect(thread.comments).to_have_count(shown)
            more.click()
        expect(thread.comments).to_have_count(60)
        expect(more).to_have_count(0)
        return [int(re.findall(r"\d+", text)[0]) for text in thread.texts()]

    assert read_on() == list(range(60, 0, -1))
    order.select_option("Oldest")
    expect(thread.comments.first).to_contain_text("Number 1.")
    assert read_on() == list(range(1, 61))
    order.select_option("Most recommended")
    expect(thread.comments.first).to_contain_text("Number 30.")
    assert sorted(read_on()) == list(range(1, 61))


def test_more_replies_are_fetched_where_they_belong(paper: Paper, visit: Visit) -> None:
    kiesel = paper.member("kiesel")
    root = kiesel.post("news", "The root.")
    for number in range(1, 9):
        kiesel.post("news", f"Reply {number}.", root["id"])
    thread = visit(paper, "news").thread
    expect(thread.comments).to_have_count(4)
    thread.box.get_by_role("button", name="Show 5 more replies").click()
    expect(thread.comments).to_have_count(9)
    assert thread.texts() == ["The root.", *(f"Reply {number}." for number in range(1, 9))]


def test_a_permalink_opens_a_deep_comment_with_its_ancestors(paper: Paper, visit: Visit) -> None:
    kiesel = paper.member("kiesel")
    chain = [kiesel.post("news", "Depth 0.")]
    for depth in range(1, 5):
        chain.append(kiesel.post("news", f"Depth {depth}.", chain[-1]["id"]))
    for number in range(40):
        kiesel.post("news", f"Later comment {number}.")
    thread = visit(paper, "news", comment=chain[-1]["id"]).thread
    deep = thread.comment("Depth 4.")
    expect(deep.box).to_be_in_viewport()
    expect(deep.box).to_be_focused()
    assert thread.texts() == [f"Depth {depth}." for depth in range(5)]
    expect(thread.box).to_contain_text("You are looking at one conversation.")
    thread.box.get_by_role("button", name="Show all comments").click()
    expect(thread.comments.first).to_contain_text("Later comment 39.")


def test_a_link_to_what_is_gone_shows_the_thread_and_says_so(paper: Paper, visit: Visit) -> None:
    kiesel = paper.member("kiesel")
    gone = kiesel.post("news", "Soon gone.")
    kiesel.post("news", "Still there.")
    kiesel.withdraw(gone["id"])
    someone = visit(paper, "news", comment=gone["id"])
    someone.foresee("status of 404")
    expect(someone.thread.box).to_contain_text("That comment is no longer here.")
    expect(someone.thread.comment("Still there.").box).to_be_visible()


def test_the_link_in_the_menu_leads_back_to_the_comment(paper: Paper, visit: Visit, newspaper: Newspaper) -> None:
    paper.member("birke").post("news", "Worth a link.")
    allowed = {"permissions": ["clipboard-read", "clipboard-write"]}
    someone = visit(paper, "news", browser=allowed)
    someone.thread.comment("Worth a link.").choose("Copy link")
    expect(someone.thread.box.get_by_role("status")).to_have_text("Link copied.")
    link = someone.page.evaluate("navigator.clipboard.readText()")
    assert link == newspaper.address(paper, "news", comment=someone.thread.comment("Worth a link.").id)
    someone.another_page()
    someone.read(link)
    expect(someone.thread.comment("Worth a link.").box).to_be_focused()


def test_who_is_not_signed_in_finds_the_form_for_illegal_content(paper: Paper, visit: Visit) -> None:
    paper.member("birke").post("news", "An insult.")
    someone = visit(paper, "news")
    comment = someone.thread.comment("An insult.")
    with someone.context.expect_page() as opened:
        comment.choose("Report illegal content")
    form = opened.value
    expect(form.get_by_role("heading", name="Report illegal content")).to_be_visible()
    expect(form.get_by_role("textbox", name="Address of the comment")).to_have_value(
        re.compile(f"#comment-{comment.id}$")
    )
    expect(someone.thread.box.get_by_role("menuitem")).to_have_count(0)


def test_a_refused_post_keeps_its_text_and_says_why(new_paper: Callable[..., Paper], visit: Visit) -> None:
    paper = new_paper(min_length=10)
    paper.member("birke").post("news", "Something to look at.")
    someone = visit(paper, "news", "kiesel")
    someone.foresee("status of 422")
    someone.thread.write("Too short")
    someone.thread.send()
    expect(someone.thread.box.get_by_role("alert")).to_be_visible()
    expect(someone.thread.field).to_have_value("Too short")
    expect(someone.thread.comments).to_have_count(1)
    someone.thread.field.fill("Now it is long enough.")
    someone.thread.send()
    expect(someone.thread.comment("Now it is long enough.").box).to_be_visible()
    expect(someone.thread.box.get_by_role("alert")).to_have_count(0)


def test_markup_is_shown_and_nothing_of_a_member_becomes_html(paper: Paper, visit: Visit) -> None:
    trap = '<img src=x onerror="document.title=1">'
    writer = paper.member("kiesel", name=f"kiesel {trap}", badges=[f"staff {trap}"])
    writer.post(
        "news", f"**Bold**, a [link](https://example.com/), {trap}\n\n> quoted\n\n<script>document.title=2</script>"
    )
    thread = visit(paper, "news").thread
    body = thread.comments.first.locator("[part=body]")
    expect(body.locator("strong")).to_have_text("Bold")
    expect(body.get_by_role("link", name="link")).to_have_attribute("href", "https://example.com/")
    assert set((body.get_by_role("link", name="link").get_attribute("rel") or "").split()) >= {
        "ugc",
        "nofollow",
        "noopener",
    }
    expect(body.locator("blockquote")).to_have_text("quoted")
    expect(thread.box.locator("script, img")).to_have_count(0)
    expect(thread.comments.first.locator("[part=name]")).to_contain_text("<img src=x")
    assert "Gazette" in thread.page.title()
