// A thread as a React component. It adds the script once, whichever thread comes first, and hands over what a
// custom element takes as properties and events. For React 19 and older alike.
import { useEffect, useRef } from "react";

const SERVICE = "https://comments.gazette.example";

function addScript() {
  const src = `${SERVICE}/embed.js`;
  if (document.querySelector(`script[src="${src}"]`)) return;
  const script = document.createElement("script");
  script.src = src;
  script.dataset.site = "gazette"; // by which the script finds its own tag; without an article it makes no thread
  document.head.append(script);
}

/**
 * @param {object} props
 * @param {string} props.article your own id of the article
 * @param {() => Promise<string | null>} props.getToken answers a token, null where nobody is logged in
 * @param {(detail: { comment: string, status: string }) => void} [props.onPosted]
 * @param {() => void} [props.onLogin] in place of the site's log-in address
 */
export function Thread({ article, getToken, onPosted, onLogin }) {
  const element = useRef(null);
  const latest = useRef({});
  latest.current = { getToken, onPosted, onLogin };

  useEffect(addScript, []);

  useEffect(() => {
    const thread = element.current;
    const posted = (event) => latest.current.onPosted?.(event.detail);
    const login = (event) => {
      if (!latest.current.onLogin) return;
      event.preventDefault(); // or the link is followed as well
      latest.current.onLogin();
    };
    // A new function means another reader: give it once, and let it ask for the newest.
    thread.getToken = () => latest.current.getToken();
    thread.addEventListener("comments:posted", posted);
    thread.addEventListener("comments:login", login);
    return () => {
      thread.removeEventListener("comments:posted", posted);
      thread.removeEventListener("comments:login", login);
    };
  }, []);

  return <comment-thread ref={element} site="gazette" article={article} />;
}
