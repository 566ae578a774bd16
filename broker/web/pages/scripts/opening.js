// What a card shows is fetched when it is opened; without script, a link inside leads there.
document.addEventListener("toggle", async (event) => {
  const card = event.target;
  if (!card.open || !card.matches("[data-deferred]")) return;
  const link = card.querySelector(":scope > p a");
  const answer = link && await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById(card.id);
  if (!found || !card.matches("[data-deferred]")) return;
  card.removeAttribute("data-deferred");
  card.replaceChildren(card.querySelector("summary"), ...[...found.childNodes].filter((node) => node.nodeName !== "SUMMARY"));
}, true);
