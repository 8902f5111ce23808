"use strict";
document.documentElement.classList.add("scripted");
for (const box of document.querySelectorAll(".filter")) {
  const input = box.querySelector("input");
  const told = box.querySelector("output");
  const rows = [...document.getElementById(box.dataset.table).tBodies[0].rows];
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    told.textContent = `${shown} of ${rows.length}`;
  };
  input.addEventListener("input", show);
  show();
}
