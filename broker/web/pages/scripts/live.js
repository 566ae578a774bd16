// New results without a reload: when the broker says that something has changed, the part of the page that is
// live is fetched and replaced. Focus, open details and what is being typed stay.
const part = () => document.querySelector("[data-live]");

if (part()) {
  const address = `${document.querySelector(".theme").dataset.path}live${part().dataset.live}`;
  let source, timer, position, wasLost = false;

  async function renew() {
    const old = part();
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    if (document.hidden || active?.matches("input, select, textarea")) return ask(2000);
    // The position is that of the change: a standby that does not have it yet is not asked.
    const headers = { Accept: "text/html", ...(position && { "Tally-Position": position }) };
    const answer = await fetch(location.href, { headers }).catch(() => null);
    if (!answer?.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (!fresh) return;
    const open = new Set([...old.querySelectorAll("details[open][id]")].map((details) => details.id));
    for (const details of fresh.querySelectorAll("details[id]")) details.open ||= open.has(details.id);
    const same = active && [...old.querySelectorAll(active.localName)].filter((one) => one.outerHTML === active.outerHTML).indexOf(active);
    const said = fresh.querySelector(".lead, .sentence")?.textContent;
    if (said !== old.querySelector(".lead, .sentence")?.textContent) document.getElementById("said").textContent = said;
    old.replaceChildren(...fresh.childNodes);
    showTimes(old);
    if (!active) return;
    const alike = [...old.querySelectorAll(active.localName)];
    (alike.filter((one) => one.outerHTML === active.outerHTML)[same] ?? alike.find((one) => one.href === active.href))?.focus({ preventScroll: true });
  }

  function ask(after) {
    timer ??= setTimeout(() => { timer = undefined; renew(); }, after);
  }

  function listen() {
    source = new EventSource(address);
    source.addEventListener("changed", (event) => { position = event.data; ask(200 + 800 * Math.random()); }); // not all pages at once
    source.onopen = () => { if (wasLost) ask(500); wasLost = false; };
    source.onerror = () => {
      wasLost = true;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 60000); // refused: there is no room
    };
  }

  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
}
