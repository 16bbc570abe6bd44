// The train graph: cursor, pointing, what was reported, and the marks of its axis.
railroute.graph = function (data, journeys, kit, act) {
"use strict";
var plot = kit.find("plot"), slider = kit.find("time"), cursor = kit.find("cursor"), tip = kit.find("tip"), make = kit.make;
var axis = +slider.max, length = Math.max(data.high - data.low, 1);

function height(metres) { return (1 - (metres - data.low) / length) * 100; }
var dots = journeys.map(function (j) { return make("i", j.what.style, j.what.letter, cursor); });

// ---- what was reported, and the runs it asks for
function place(el, left, width, top) {
  el.style.left = left.toFixed(3) + "%";
  if (width !== null) el.style.width = width.toFixed(3) + "%";
  el.style.top = top.toFixed(3) + "%";
}
function told(el, lines) {
  function show() {
    tip.textContent = "";
    lines.filter(function (l) { return l[1]; }).forEach(function (l) { make(l[0], l[2] || "", l[1], tip); });
    tip.hidden = false;
    var frame = plot.getBoundingClientRect(), r = el.getBoundingClientRect(), width = tip.offsetWidth;
    var left = Math.min(Math.max((r.left + r.right) / 2 - frame.left - width / 2, 4 - frame.left), window.innerWidth - frame.left - width - 6);
    tip.style.left = left + "px";
    tip.style.top = (r.top - frame.top - tip.offsetHeight - 8) + "px";
  }
  function hide() { tip.hidden = true; }
  el.addEventListener("pointerenter", show);
  el.addEventListener("focus", show);
  el.addEventListener("pointerleave", hide);
  el.addEventListener("blur", hide);
  el.addEventListener("pointerdown", function (event) { event.stopPropagation(); });
  el.setAttribute("aria-label", lines.map(function (l) { return l[1]; }).filter(Boolean).join(". "));
}
var reported = make("div", "reported", null, plot);
journeys.forEach(function (journey, index) {
  journey.what.sightings.forEach(function (s) {
    var from = s.from === null ? 0 : Math.min(Math.max(s.from, 0), axis), until = s.until === null ? axis : Math.min(Math.max(s.until, 0), axis);
    if ((s.from !== null && s.from > axis) || (s.until !== null && s.until < 0)) return;
    var el = make("button", "seen " + s.event + (s.from === s.until ? " moment" : "") + (s.from === null ? " openstart" : "")
      + (s.until === null ? " openend" : "") + (s.doubted ? " doubted" : "") + " " + journey.what.style, null, reported);
    el.type = "button";
    el.dataset.of = index;
    place(el, from / axis * 100, (until - from) / axis * 100, height(s.measure + journey.what.shift));
    told(el, [["b", s.title], ["span", s.text], ["q", s.wording], ["small", s.source], ["small", s.note]]);
    el.addEventListener("click", function () {
      act.seek(s.from === null ? until : from);
      act.open(index, s.place);
    });
  });
});
data.needed.forEach(function (run) {
  var el = make("button", "run " + run.verdict, { fits: "✓", tight: "≈", does_not_fit: "✗" }[run.verdict], reported);
  el.type = "button";
  if (run.at[0] < 0 || run.at[0] > axis) { el.remove(); return; }
  place(el, run.at[0] / axis * 100, null, height(run.at[1]));
  told(el, [["b", run.title], ["span", run.text]]);
});

// ---- pointing
function point(event) {
  var frame = plot.getBoundingClientRect();
  act.seek((event.clientX - frame.left) / frame.width * axis);
}
plot.addEventListener("pointermove", function (event) {
  if (event.target.tagName === "BUTTON") return;
  if (event.pointerType === "mouse" || event.buttons) point(event);
});
plot.addEventListener("pointerdown", point);

// Marks of the time axis that would touch their neighbour stay away.
function thin() {
  var last = -Infinity, marks = Array.prototype.slice.call(document.querySelectorAll(".ticks span")), days = [];
  marks.forEach(function (m) { m.style.visibility = ""; });
  marks.filter(function (m) { return m.className === "day"; }).forEach(function (m) {
    var r = m.getBoundingClientRect();
    if (r.left < last + 8 || r.right > window.innerWidth) m.style.visibility = "hidden"; else { last = r.right; days.push(r); }
  });
  last = -Infinity;
  marks.filter(function (m) { return m.className !== "day"; }).forEach(function (m) {
    var r = m.getBoundingClientRect();
    var near = r.left < last + 10 || r.right > window.innerWidth || days.some(function (d) { return r.left < d.right + 8 && r.right > d.left - 8; });
    if (near) m.style.visibility = "hidden"; else last = r.right;
  });
}
window.addEventListener("resize", thin);

return {
  thin: thin,
  show: function (now, measures) {
    var share = (now / axis * 100).toFixed(3) + "%";
    slider.value = now;
    slider.style.setProperty("--done", share);
    cursor.style.left = share;
    dots.forEach(function (dot, i) {
      dot.style.top = "calc(4px + (100% - 8px) * " + (height(measures[i] + journeys[i].what.shift) / 100).toFixed(5) + ")";
    });
  },
  toggle: function (index, on) {
    plot.querySelector("g[data-journey='" + index + "']").style.display = on ? "" : "none";
    dots[index].hidden = !on;
    reported.querySelectorAll("[data-of='" + index + "']").forEach(function (el) { el.hidden = !on; });
  }
};
};
