// The page: draws what route.webmap.content gives and moves the trains. Every text is set as text, never as markup.
railroute.page = function (map, data) {
"use strict";
document.querySelector(".still").remove();
var geo = railroute.geo, kit = railroute.kit(data), find = kit.find, make = kit.make, say = kit.say, words = data.words;
var base = railroute.base(map, data, kit), several = data.journeys.length > 1;
var journeys = data.journeys.map(function (what) { return railroute.journey(map, data, what, kit); });
var stops = railroute.stops(map, data, journeys, base, kit), shown = journeys.map(function () { return true; });

// ---- names
// A letter beside each journey, where it is furthest from the others.
if (several) journeys.forEach(function (journey, index) {
  var best = null;
  [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85].forEach(function (share) {
    var at = journey.spot(journey.total * share), away = Infinity;
    journeys.forEach(function (other, i) {
      if (i !== index) away = Math.min(away, other.nearest({ lat: at[0], lng: at[1] })[1]);
    });
    if (!best || away > best[0] + 0.05) best = [away, at];
  });
  base.names.add({ at: [[best[1][1], best[1][0]]], lines: [journey.what.letter], style: "badge " + journey.what.style, groups: ["stop" + index], gap: 5, zoom: 0, must: true });
});
base.worldNames();
base.names.keepOff([].concat.apply([], journeys.map(function (j) { return j.drawn; })));
function label() { base.names.place(stops.points(), base.obstacles()); }
map.on("moveend zoomend resize viewreset", label);

// ---- layers
var nameLayer = L.layerGroup().addTo(map), overlays = {};
overlays[words.basemap] = base.ground;
overlays[words.names] = nameLayer;
if (!several) overlays[words.route] = journeys[0].layer;
if (stops.hasHalts) overlays[words.halts] = stops.halts;
if (data.start !== null) overlays[words.nightLayer] = base.nightLayer;
if (/^https?:$/.test(location.protocol)) {
  // openstreetmap.org serves pages that send a Referer only: a page opened from a file has none.
  overlays[words.tiles] = L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", { pane: "tiles", maxZoom: 19 });
}
base.controls(overlays);
function toggle(index, on) {
  shown[index] = on;
  stops.toggle(index, on);
  graph.toggle(index, on);
  base.names.toggle("stop" + index, on);
  base.names.toggle("halt" + index, on && map.hasLayer(stops.halts));
  if (on) { journeys[index].reset(); journeys[index].layer.addTo(map); } else journeys[index].layer.remove();
  show(now);
  label();
}
map.on("overlayadd overlayremove", function (event) {
  var on = event.type === "overlayadd";
  if (event.layer === nameLayer) base.names.toggle("names", on);
  if (event.layer === stops.halts) journeys.forEach(function (_, i) { base.names.toggle("halt" + i, on && shown[i]); });
  if (!several && event.layer === journeys[0].layer) toggle(0, on);
  label();
});
document.querySelectorAll("[data-toggle]").forEach(function (input) {
  input.checked = true;
  input.addEventListener("change", function () { toggle(+input.dataset.toggle, input.checked); });
});

// ---- popups, keyboard
var open = null;
document.addEventListener("keydown", function (event) {
  if (event.key === "Escape" && open) {
    var from = open._source;
    map.closePopup();
    var el = from && from.getElement && from.getElement();
    if (el && el.tabIndex >= 0) el.focus();
  }
});
// Moves the map so that a sheet lies inside it and clear of the card and the controls.
function clear(el) {
  var frame = map.getContainer().getBoundingClientRect(), r = el.getBoundingClientRect(), size = map.getSize(), gap = 10;
  var at = [r.left - frame.left, r.top - frame.top, r.right - frame.left, r.bottom - frame.top], by = [0, 0];
  function move(x, y) { by = [by[0] + x, by[1] + y]; at = [at[0] + x, at[1] + y, at[2] + x, at[3] + y]; }
  function over(low, high, most) { return low < gap ? gap - low : Math.min(0, most - gap - high); }
  move(over(at[0], at[2], size.x), over(at[1], at[3], size.y));
  base.obstacles().forEach(function (o) {
    if (at[0] >= o[2] || o[0] >= at[2] || at[1] >= o[3] || o[1] >= at[3]) return;
    var ways = [[o[2] - at[0] + gap, 0], [o[0] - at[2] - gap, 0], [0, o[3] - at[1] + gap], [0, o[1] - at[3] - gap]].filter(function (w) {
      return at[0] + w[0] >= 0 && at[2] + w[0] <= size.x && at[1] + w[1] >= 0 && at[3] + w[1] <= size.y;
    }).sort(function (a, b) { return Math.abs(a[0] + a[1]) - Math.abs(b[0] + b[1]); });
    if (ways.length) move(ways[0][0], ways[0][1]);
  });
  if (by[0] || by[1]) map.panBy([-by[0], -by[1]], { animate: !kit.calm });
}
map.on("popupopen", function (event) {
  open = event.popup;
  var el = open.getElement(), close = el.querySelector(".leaflet-popup-close-button");
  el.setAttribute("role", "dialog");
  var title = el.querySelector("h2");
  if (title) el.setAttribute("aria-label", title.textContent);
  if (close) close.setAttribute("aria-label", words.close);
  clear(el);
});
map.on("popupclose", function () { open = null; });
document.querySelectorAll("[data-leg]").forEach(function (button) {
  button.addEventListener("click", function () {
    var leg = journeys[0].legs[+button.dataset.leg], rows = leg.rows, half = (rows[0][0] + rows[rows.length - 1][0]) / 2;
    map.fitBounds(leg.line.getBounds(), { padding: [60, 60], maxZoom: 9.5, animate: false });
    map.openPopup(journeys[0].legPopup(leg, null), journeys[0].spot(half), { maxWidth: 320, autoPan: false });
  });
});

// ---- kilometre posts: pointing at the route
var post = L.tooltip({ direction: "top", offset: [0, -10], className: "post", opacity: 1 });
journeys.forEach(function (journey) {
  journey.legs.forEach(function (leg) {
    leg.touch.on("mousemove", function (event) {
      var measure = journey.nearest(event.latlng, leg.rows)[0], el = make("div");
      make("b", "", (several ? journey.what.letter + " · " : "") + journey.post(measure), el);
      journey.postLines(measure).forEach(function (line) { make("span", "", line, el); });
      post.setLatLng(journey.spot(measure)).setContent(el).addTo(map);
      if (playing === null) show(journey.timeAt(measure));
    });
    leg.touch.on("mouseout", function () { post.remove(); });
    leg.touch.on("click", function (event) {
      var measure = journey.nearest(event.latlng, leg.rows)[0];
      post.remove();
      if (playing === null) show(journey.timeAt(measure));
      map.openPopup(journey.legPopup(leg, measure), journey.spot(measure), { maxWidth: 320, autoPan: false });
    });
  });
});

// ---- the trains
var end = Math.max.apply(null, journeys.map(function (j) { return j.end; })), now = 0, playing = null;
var slider = find("time"), play = find("play"), speed = find("speed"), runs = find("runs");
var clocks = Array.prototype.slice.call(document.querySelectorAll("[data-zone]"));
var lines = several ? journeys.map(function (j) {
  var row = make("li", "", null, runs);
  make("b", "letter " + j.what.style, j.what.letter, row);
  return { row: row, text: make("span", "", "", row), km: make("small", "", "", row) };
}) : [];
var graph = railroute.graph(data, journeys, kit, {
  seek: function (seconds) { stop(); show(seconds); },
  open: function (index, place) { stops.open(index, place); }
});
function show(seconds) {
  now = Math.min(Math.max(seconds, 0), end);
  var at = journeys.map(function (j) { return j.show(now); }), first = at[0];
  graph.show(now, at.map(function (a) { return a.measure; }));
  var where = journeys[0].post(first.measure), clocked = [], ms = data.start + now * 1000, heading = journeys[0].state(now);
  if (data.start !== null) {
    clocks.forEach(function (el) {
      el.textContent = kit.clock(ms, el.dataset.zone || journeys[0].zone(first.measure));
      clocked.push(el.textContent);
    });
    base.night(ms);
    var height = Math.round(geo.altitude(ms, first.at[0], first.at[1]));
    where += " · " + (height < -0.8 ? words.night : words.day) + ", " + say("sun", { degrees: (height < 0 ? "−" : "") + Math.abs(height) });
  } else {
    where = say("elapsed", { time: kit.span(now) }) + " · " + where;
  }
  if (several) {
    heading = data.start === null ? say("elapsed", { time: kit.span(now) }) : kit.clock(ms, journeys[0].zone(0));
    lines.forEach(function (line, i) {
      line.text.textContent = journeys[i].state(now);
      line.km.textContent = journeys[i].post(at[i].measure);
      line.row.hidden = !shown[i];
    });
    where = "";
  }
  var track = !several && now > 0 && now < end ? journeys[0].track(first.measure) : "";
  find("now").textContent = heading;
  find("where").textContent = where;
  find("track").textContent = track ? " · " + track : "";
  find("where").parentNode.hidden = !where;
  slider.setAttribute("aria-valuetext", [clocked[0], where].concat(lines.map(function (l, i) {
    return journeys[i].what.letter + ": " + l.text.textContent + ", " + l.km.textContent;
  })).filter(Boolean).join(", "));
}
function stop() {
  if (playing !== null) cancelAnimationFrame(playing);
  playing = null;
  play.querySelector("span").textContent = words.play;
  play.querySelector("path").setAttribute("d", "M2 1l9 5-9 5z");
}
function start() {
  if (now >= end) show(0);
  var last = null;
  play.querySelector("span").textContent = words.pause;
  play.querySelector("path").setAttribute("d", "M2 1h3v10H2zM7 1h3v10H7z");
  playing = requestAnimationFrame(function frame(ms) {
    // At its plain speed a journey of any length takes half a minute.
    if (last !== null) show(now + Math.min(ms - last, 200) / 1000 * end / 30 * +speed.value);
    last = ms;
    if (now >= end) stop(); else playing = requestAnimationFrame(frame);
  });
}
play.addEventListener("click", function () { if (playing === null) start(); else stop(); });
slider.addEventListener("input", function () { stop(); show(+slider.value); });

// ---- print, resize, first view
var kept = null, shut = [];
window.addEventListener("beforeprint", function () {
  kept = [map.getCenter(), map.getZoom()];
  document.querySelectorAll("details.more:not([open])").forEach(function (el) { el.open = true; shut.push(el); });
  document.documentElement.classList.add("printing");
  map.invalidateSize({ animate: false });
  graph.thin();
  base.fit(false);
});
window.addEventListener("afterprint", function () {
  document.documentElement.classList.remove("printing");
  shut.splice(0).forEach(function (el) { el.open = false; });
  map.invalidateSize({ animate: false });
  graph.thin();
  if (kept) map.setView(kept[0], kept[1], { animate: false });
});
var more = document.querySelectorAll("details");
if (window.innerWidth < 700 || window.innerHeight < 620) more.forEach(function (el) { el.open = false; });
more.forEach(function (el) { el.addEventListener("toggle", label); });
graph.thin();
show(0);
map.invalidateSize({ animate: false });
map.setView([(data.bounds[0][0] + data.bounds[1][0]) / 2, base.middle], 5, { animate: false });
base.fit(false);
label();
map.getContainer().dataset.ready = "1";
};
// The texts and the train graph stand at once; the map follows when they are on the screen.
railroute.start = function (map, data) {
  requestAnimationFrame(function () { setTimeout(function () { railroute.page(map, data); }, 0); });
};
