// Finds names of the reference while one types. `names` comes from names.js: a
// list of [name, page], sorted.
"use strict";

const box = document.querySelector("#search");
const input = box.querySelector("input");
const list = box.querySelector("ol");

// How well a name fits: exactly, at the start of a part of it, anywhere.
function rank(name, wanted) {
  const lower = name.toLowerCase();
  const last = lower.split("::").pop();
  if (last === wanted || lower === wanted) return 0;
  if (last.startsWith(wanted)) return 1;
  if (lower.includes(wanted)) return 2;
  return 3;
}

function show() {
  const wanted = input.value.trim().toLowerCase().replace(/\(\)$/, "");
  const found = wanted === "" ? [] : names
      .map(([name, page]) => ({name, page, rank: rank(name, wanted)}))
      .filter((entry) => entry.rank < 3)
      .sort((a, b) => a.rank - b.rank || a.name.length - b.name.length)
      .slice(0, 12);
  list.replaceChildren(...found.map(({name, page}) => {
    const link = document.createElement("a");
    link.href = page;
    link.textContent = name;
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
}

box.hidden = false;
input.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  } else if (event.key === "Escape") {
    input.value = "";
    show();
  } else if (event.key === "Enter" && document.activeElement === input) {
    list.querySelector("a")?.click();
  }
});
