// As you type: after a pause, the part of the page with what was found is replaced; the focus stays.
const asking = document.querySelector("[data-as-you-type]");

if (asking) {
  const field = asking.querySelector("[type=search]");
  const found = document.getElementById(asking.dataset.asYouType);
  let pause, asked;
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(async () => {
      const url = `${asking.action}?${new URLSearchParams(new FormData(asking))}`;
      asked?.abort();
      asked = new AbortController();
      try {
        const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const part = page.getElementById(found.id);
        if (!part) return;
        found.replaceChildren(...part.childNodes);
        showTimes(found);
        history.replaceState(null, "", url);
        document.title = page.title;
        document.getElementById("said").textContent = part.dataset.said;
      } catch { /* a newer question has taken its place, or the broker is away: the form still works */ }
    }, 150);
  });
}
