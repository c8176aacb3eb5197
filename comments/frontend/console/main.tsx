// Entry of the console's bundle: finds its place in the page that the server gave, speaks the browser's language, draws.
import { render } from "preact";
import "./console.css";
import { Console } from "./console";
import { chooseLanguage } from "./words";

const place = document.getElementById("console");
if (place !== null) void chooseLanguage(navigator.languages).then(() => render(<Console />, place));
