// Shows the HTTP API with Swagger UI and, below it, the Socket.IO events. Both documents come from this server.

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

async function load(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.text();
}

/** Replaces relative links by their texts: they lead to the source tree, which is not served. */
const withoutRelativeLinks = (markdown) => markdown.replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, "$1");

// Swagger UI's Markdown renderer splits the rows of a table at every "|", even at an escaped one. A private-use
// character therefore stands for escaped pipes while the document is rendered.
const pipe = "\uE000";
const hidePipes = (markdown) => markdown.replaceAll(/^\|.*$/gm, (row) => row.replaceAll("\\|", pipe));

/** Puts the pipes back into the rendered text. */
function showPipes(root) {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.data.includes(pipe)) text.data = text.data.replaceAll(pipe, "|");
  }
}

/** Scrolls to the fragment of the address, whose element may not have existed when the page was loaded. */
function goToFragment() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target) target.scrollIntoView();
}

/** A plugin of Swagger UI that shows a Markdown document below the base layout. */
const eventsBelow = (markdown) => ({ React, getComponent }) => {
  const { createElement, Fragment, useEffect, useLayoutEffect, useRef } = React;
  const Events = () => {
    const section = useRef(null);
    useLayoutEffect(() => showPipes(section.current));
    useEffect(goToFragment, []);
    const text = createElement(getComponent("Markdown", true), { source: hidePipes(markdown) });
    return createElement("section", { id: "events", ref: section, "aria-label": "Socket.IO events" }, text);
  };
  const withEvents = (Layout) => (props) =>
    createElement(Fragment, null, createElement(Layout, props), createElement(Events));
  return { wrapComponents: { BaseLayout: withEvents } };
};

try {
  const [openapi, events] = await Promise.all([load("openapi.json"), load("docs/events.md")]);
  window.SwaggerUIBundle({
    domNode: document.getElementById("http"),
    spec: JSON.parse(openapi),
    plugins: [eventsBelow(withoutRelativeLinks(events))],
    validatorUrl: null, // the document is not sent to a validator
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
  });
} catch (error) {
  document.querySelector(".waiting").textContent = `The documents could not be loaded: ${error.message}`;
}
