// The HTTP API as Swagger UI shows it, and below it the Socket.IO events, from the files that the server serves.

const dark = matchMedia("(prefers-color-scheme: dark)");
const followSystem = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followSystem);
followSystem();

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.text();
}

/** Without links into the source tree, which is not served. */
const selfContained = (markdown) => markdown.replaceAll(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, "$1");

/** The address may name a place that was not there when the page came. */
function goToFragment() {
  const place = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (place) place.scrollIntoView();
}

/** A plugin of Swagger UI that puts the events below its own layout. */
const below = (markdown) => ({ React, getComponent }) => {
  const { createElement, Fragment, useEffect } = React;
  const Events = () => {
    useEffect(goToFragment, []);
    const text = createElement(getComponent("Markdown", true), { source: markdown });
    return createElement("section", { id: "events", "aria-label": "Socket.IO events" }, text);
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
    plugins: [below(selfContained(events))],
    validatorUrl: null, // nothing is told to anybody else
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
  });
} catch (error) {
  document.querySelector(".waiting").textContent = `The documents could not be loaded: ${error.message}`;
}
