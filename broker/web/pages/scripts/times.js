// Exact times in the reader's zone and language. New parts of a page are given to it as well.
const exactly = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const daily = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

globalThis.showTimes = (part) => {
  for (const time of part.querySelectorAll("time[data-exact]")) {
    const moment = new Date(time.dateTime);
    time.dataset.exact = exactly.format(moment);
    if (time.classList.contains("day")) time.textContent = daily.format(moment);
  }
};
showTimes(document);
