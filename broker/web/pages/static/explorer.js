// The explorer of the API. What comes from a broker is text: it is only ever put on the page as textContent.
"use strict";

const explorer = document.getElementById("explorer");
const form = document.getElementById("request");
const { address, root } = explorer.dataset;
const ACCEPT = "application/hal+json, application/json;q=0.9, */*;q=0.5";

/** Return an element with attributes (or listeners, by their functions) and children. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Return the path of the broker that a link leads to, or null when it leads elsewhere. */
function pathOf(href) {
  if (href === address) return "/";
  if (href.startsWith(address + "/") || href.startsWith(address + "?")) return href.slice(address.length);
  return href.startsWith("/") && !href.startsWith("//") ? href : null;
}

/** Show an address of the broker, unless it is there already: then ask again. */
function go(path) {
  if (location.hash === "#" + path) ask("GET", path);
  else location.hash = path;
}

function headersOf(text) {
  const headers = new Headers({ Accept: ACCEPT });
  for (const line of text.split("\n").filter((item) => item.trim())) {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`A header is "Name: value", which this is not: ${line}`);
    headers.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return headers;
}

let latest = 0;

async function ask(method, path, body) {
  const number = ++latest;
  form.elements.path.value = path;
  explorer.setAttribute("aria-busy", "true");
  try {
    const headers = headersOf(form.elements.headers.value);
    if (body && !headers.has("Content-Type")) headers.set("Content-Type", "application/json");
    const response = await fetch(root + path, { method, headers, body: body || undefined });
    const text = await response.text();
    if (number === latest) show(response, text);
  } catch (error) {
    if (number === latest) explorer.replaceChildren(make("p", { class: "problems", role: "alert" }, String(error.message)));
  }
  if (number === latest) explorer.removeAttribute("aria-busy");
}

function show(response, text) {
  const status = `${response.status} ${response.statusText}`.trim();
  const parts = [make("h2", {}, "Answer ", make("span", { class: `verdict ${response.ok ? "good" : "bad"}` }, status))];
  let shown = text;
  if (/json/.test(response.headers.get("Content-Type") || "")) {
    try {
      const found = JSON.parse(text);
      parts.push(...resource(found));
      shown = JSON.stringify(found, null, 2);
    } catch {
      parts.push(make("p", { class: "problems" }, "The answer says that it is JSON, but is not."));
    }
  }
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  parts.push(card("Headers", make("pre", { class: "raw", tabindex: "0" }, headers)));
  parts.push(card("Body", make("pre", { class: "raw", tabindex: "0" }, shown || "(empty)"), text.length > 0 && parts.length < 3));
  explorer.replaceChildren(...parts);
}

function card(title, content, open = false) {
  const details = make("details", { class: "card" }, make("summary", {}, make("span", { class: "head" }, title)), content);
  details.open = open;
  return details;
}

/** Return what a HAL document has: properties, links, and the documents inside it. */
function resource(found) {
  if (found === null || typeof found !== "object" || Array.isArray(found)) return [];
  const { _links: links = {}, _embedded: embedded = {}, ...properties } = found;
  const parts = [];
  if (Object.keys(properties).length) {
    parts.push(make("h3", {}, "Properties"), make("pre", { class: "raw", tabindex: "0" }, JSON.stringify(properties, null, 2)));
  }
  if (Object.keys(links).length) parts.push(make("h3", {}, "Links"), linkTable(links));
  for (const [name, value] of Object.entries(embedded)) {
    const items = Array.isArray(value) ? value : [value];
    parts.push(make("h3", {}, `Embedded: ${name} (${items.length})`));
    items.forEach((item, index) => parts.push(embeddedCard(item, index)));
  }
  return parts;
}

function embeddedCard(item, index) {
  const title = String(item?.name ?? item?.number ?? item?.uuid ?? item?.shortDescription ?? index + 1);
  const details = card(title, make("div"));
  // Long lists stay quick: what nobody opens is never drawn.
  details.addEventListener("toggle", () => details.lastElementChild.replaceChildren(...resource(item)), { once: true });
  return details;
}

function linkTable(links) {
  const body = make("tbody");
  for (const [relation, value] of Object.entries(links)) {
    if (relation === "curies") continue;
    const items = Array.isArray(value) ? value : [value];
    for (const link of items) body.append(linkRow(relation, link, links.curies));
    if (!items.length) body.append(make("tr", {}, make("th", { scope: "row" }, help(relation, links.curies)), make("td", { class: "quiet" }, "none")));
  }
  return make("div", { class: "list links" }, make("table", {}, body));
}

function linkRow(relation, link, curies) {
  const href = String(link?.href ?? "");
  const said = [link?.name, link?.title].filter(Boolean).join(" · ");
  const target = make("td", {}, follow(href), ...(said ? [make("div", { class: "note" }, said)] : []));
  return make("tr", {}, make("th", { scope: "row" }, help(relation, curies)), target);
}

/** Return the name of a relation, with a link to its help page when a curie leads there. */
function help(relation, curies) {
  const [prefix, name] = relation.split(":");
  const curie = name && Array.isArray(curies) && curies.find((item) => item.name === prefix);
  const path = curie ? pathOf(String(curie.href)) : null;
  if (path === null) return make("span", { class: "number" }, relation);
  return make("a", { class: "number", href: root + path.replace("{rel}", encodeURIComponent(name)) }, relation);
}

function follow(href) {
  const path = pathOf(href);
  if (path === null) return make("span", { class: "number" }, href || "no address");
  const variables = [...new Set([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))];
  if (!variables.length) return make("a", { class: "number", href: "#" + path }, path);
  const inputs = variables.map((name) => make("input", { name, required: "", "aria-label": name, placeholder: name }));
  const expand = (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    go(path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name])));
  };
  const buttons = make("button", { type: "submit", class: "secondary" }, "Follow");
  return make("form", { class: "expand", submit: expand }, make("span", { class: "number" }, path), ...inputs, buttons);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { method, path, body } = form.elements;
  const wanted = path.value.startsWith("/") ? path.value : "/" + path.value;
  if (method.value === "GET") go(wanted);
  else ask(method.value, wanted, body.value);
});
addEventListener("hashchange", () => ask("GET", location.hash.slice(1) || "/"));
ask("GET", location.hash.slice(1) || "/");
