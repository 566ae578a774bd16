"use strict";
// Show what is searched for among the outcomes that are ticked. Without scripts, everything is shown.
document.documentElement.classList.add("js");
const search = document.querySelector("#search");
const boxes = [...document.querySelectorAll("input[name=outcome]")];
const cases = [...document.querySelectorAll(".case")].map((element) => ({
  element,
  outcome: element.dataset.outcome,
  text: searched(element).join(" ").toLowerCase(),
}));

// What one looks for: the description, whose contract it is, the line of the request, what is wrong.
function searched(element) {
  const parts = [
    element.querySelector("summary"), element.parentElement.querySelector("h2"),
    element.querySelector(".mismatches"), element.querySelector(".wrong"),
  ];
  const sent = element.querySelector("pre");
  return [...parts.map((part) => part?.textContent ?? ""), sent ? sent.textContent.split("\n", 1)[0] : ""];
}

const contracts = [...document.querySelectorAll(".contract")];
const shown = document.querySelector("#shown");

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const outcomes = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
  let count = 0;
  for (const { element, outcome, text } of cases) {
    element.hidden = !(outcomes.has(outcome) && words.every((word) => text.includes(word)));
    count += element.hidden ? 0 : 1;
  }
  for (const contract of contracts) {
    contract.hidden = !contract.querySelector(".case:not([hidden])");
  }
  shown.textContent = `${count} of ${cases.length} interactions`;
}

function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) {
    target.open = true;
    if (target.hidden) {
      search.value = "";
      boxes.forEach((box) => { box.checked = true; });
      filter();
    }
    target.scrollIntoView();
  }
}

search.addEventListener("input", filter);
boxes.forEach((box) => box.addEventListener("change", filter));
window.addEventListener("hashchange", open);
filter();
open();
