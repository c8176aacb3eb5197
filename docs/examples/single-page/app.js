// The smallest single-page application: a view for each address. The thread is an element like any other; it is made
// with the view, given another article when only that changes, and ends by being taken out of the page.
const main = document.querySelector("main");
const titles = { "spa-1": "The lake is warm again", "spa-2": "A bench for the square" };

async function getToken() {
  const response = await fetch("/comments-token");
  return (await response.json()).token;
}

function show() {
  const article = location.hash.replace("#/", "") || "spa-1";
  if (!titles[article]) {
    main.replaceChildren("We write about the town."); // the thread is gone, with its connection and its listeners
    return;
  }
  const heading = document.createElement("h1");
  heading.textContent = titles[article];
  const thread = main.querySelector("comment-thread") ?? document.createElement("comment-thread");
  thread.getToken = getToken; // before or after the script has come: both are fine
  thread.setAttribute("site", "gazette");
  thread.setAttribute("article", article);
  thread.setAttribute("article-title", titles[article]);
  main.replaceChildren(heading, thread);
}

// `#comment-12` is the thread's own: a permalink, which it follows by itself.
addEventListener("hashchange", () => {
  if (!location.hash.startsWith("#comment-")) show();
});
show();
