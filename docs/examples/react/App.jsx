import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Thread } from "./Thread.jsx";

const ARTICLES = { "react-1": "The lake is warm again", "react-2": "A bench for the square" };

async function getToken() {
  const response = await fetch("/comments-token");
  return (await response.json()).token;
}

function App() {
  const [article, choose] = useState("react-1");
  const [posted, count] = useState(0);
  return (
    <main>
      <nav>
        {Object.entries(ARTICLES).map(([id, title]) => (
          <button key={id} type="button" aria-pressed={id === article} onClick={() => choose(id)}>{title}</button>
        ))}
      </nav>
      <h1>{ARTICLES[article]}</h1>
      <Thread article={article} getToken={getToken} onPosted={() => count((before) => before + 1)} />
      <p role="status">{posted > 0 && `You have written ${posted} today.`}</p>
    </main>
  );
}

createRoot(document.getElementById("app")).render(<StrictMode><App /></StrictMode>);
