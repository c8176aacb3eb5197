// The app's side of it, which each platform names in its own way:
//   Android   webView.addJavascriptInterface(bridge, "GazetteApp")  with  @JavascriptInterface fun token(): String?
//   iOS       userContentController.addScriptMessageHandler(_:contentWorld:name:)  named "gazette", which answers the token
// Tokens end after some minutes: the thread asks again by itself, so ask the app each time and keep none here.
const ask = {
  android: async (what, detail) => window.GazetteApp[what](JSON.stringify(detail ?? null)),
  ios: (what, detail) => window.webkit.messageHandlers.gazette.postMessage({ what, detail: detail ?? null }),
};
const app = window.GazetteApp ? ask.android : ask.ios;

const thread = document.createElement("comment-thread");
thread.setAttribute("site", "gazette");
thread.setAttribute("article", new URLSearchParams(location.search).get("article"));
// Given anew it is asked at once: so the thread learns that somebody has signed in.
const signIn = () => {
  thread.getToken = async () => (await app("token")) || null;
};
signIn();

// Log-in and subscription are screens of the app, not pages: take the step over.
for (const step of ["login", "subscribe"]) {
  thread.addEventListener(`comments:${step}`, async (event) => {
    event.preventDefault();
    await app(step);
    signIn();
  });
}
document.body.append(thread);
