// The page of one journey: draws what route.webmap.content gives. Every text is set as text, never as markup.
window.railroute = function (map, data) {
"use strict";
var geo = window.railrouteGeo, words = data.words, box = map.getContainer();
var calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
var middle = (data.bounds[0][1] + data.bounds[1][1]) / 2;

function say(key) {
  var values = Array.prototype.slice.call(arguments, 1);
  return words[key].replace(/\{\}/g, function () { return values.shift(); });
}
function make(tag, style, text, parent) {
  var el = document.createElement(tag);
  if (style) el.className = style;
  if (text !== undefined && text !== null) el.textContent = text;
  if (parent) parent.appendChild(el);
  return el;
}
function find(id) { return document.getElementById(id); }
function pane(name, z, still) {
  var el = map.createPane(name);
  el.style.zIndex = z;
  if (still) el.style.pointerEvents = "none";
  return name;
}

// ---- land, lakes, borders
pane("land", 210, true); pane("tiles", 215, true); pane("night", 230, true); pane("route", 410); pane("train", 640, true);
var labelPane = map.createPane("labels");
labelPane.style.zIndex = 620;
labelPane.setAttribute("aria-hidden", "true");

function polygons(list) { return list.map(function (rings) { return rings.map(function (r) { return geo.latLngs(r, 1000); }); }); }
function lines(list) { return list.map(function (l) { return geo.latLngs(l, 1000); }); }
// Outlines without the edges along which the polygons were cut for the page.
function coast(shapes) {
  var atX = new Set(), atY = new Set(), out = [];
  [-1, 0, 1].forEach(function (off) {
    data.basemap.cut_x.forEach(function (v) { atX.add(v + off); });
    data.basemap.cut_y.forEach(function (v) { atY.add(v + off); });
  });
  shapes.forEach(function (rings) { rings.forEach(function (ring) {
    var part = [];
    ring.concat([ring[0]]).forEach(function (p, i, closed) {
      var q = closed[i - 1];
      if (q && ((Math.abs(p[1] - q[1]) < 0.0015 && atX.has(Math.round(p[1] * 1000)))
        || (Math.abs(p[0] - q[0]) < 0.0015 && atY.has(Math.round(p[0] * 1000))))) {
        if (part.length > 1) out.push(part);
        part = [];
      }
      part.push(p);
    });
    if (part.length > 1) out.push(part);
  }); });
  return out;
}
function quiet(style, extra) {
  return Object.assign({ pane: "land", interactive: false, className: style, smoothFactor: 0.6 }, extra);
}
var land = polygons(data.basemap.land), lakes = polygons(data.basemap.lakes);
var base = L.layerGroup([
  L.polygon(land, quiet("land", { stroke: false, fillRule: "nonzero" })),
  L.polygon(lakes, quiet("lake", { stroke: false, fillRule: "nonzero" })),
  L.polyline(coast(land), quiet("coast")),
  L.polyline(lines(data.basemap.borders), quiet("border")),
  L.polyline(lines(data.basemap.disputed), quiet("border disputed"))
]).addTo(map);

// ---- route
var journey = [], routeLines = [], routeLayer = L.layerGroup().addTo(map), haltLayer = L.layerGroup().addTo(map);
function popup(what) {
  var el = make("div", "sheet");
  make("h2", "", what.title, el);
  if (what.names.length) {
    var other = make("p", "others", null, el);
    what.names.forEach(function (n, i) {
      if (i) other.appendChild(document.createTextNode(" · "));
      make("span", "", n[0], other).lang = n[1];
    });
  }
  var list = make("dl", "", null, el);
  what.rows.forEach(function (row) { make("dt", "", row[0], list); make("dd", "", row[1], list); });
  return el;
}
var legs = data.legs.map(function (leg) {
  var points = geo.latLngs(leg.line, 10000), at = geo.numbers(leg.measures, 1, 1);
  var rows = points.map(function (p, i) { return [at[i][0], p[0], p[1]]; });
  journey = journey.concat(rows);
  routeLines.push(points);
  var casing = L.polyline(points, { pane: "route", className: "casing", interactive: false });
  var line = L.polyline(points, { pane: "route", className: "line " + leg.style, interactive: false });
  var done = L.polyline([], { pane: "route", className: "line done " + leg.mode, interactive: false });
  var touch = L.polyline(points, { pane: "route", className: "touch", bubblingMouseEvents: false });
  touch.bindPopup(function () { return popup(leg.popup); }, { maxWidth: 300, autoPanPadding: [20, 20] });
  return { what: leg, rows: rows, casing: casing, line: line, done: done, touch: touch };
});
["casing", "line", "done", "touch"].forEach(function (part) {
  legs.forEach(function (leg) { routeLayer.addLayer(leg[part]); });
});

// ---- stops and halts
var ICONS = {
  place: "<svg viewBox='0 0 20 20'><circle cx='10' cy='10' r='6.5'/></svg>",
  halt: "<svg viewBox='0 0 20 20'><circle cx='10' cy='10' r='4.2'/></svg>",
  border: "<svg viewBox='0 0 20 20'><rect x='4' y='4' width='12' height='12' rx='2.5'/><path d='M10 6v8' stroke-dasharray='2.4 1.6'/></svg>",
  break_of_gauge: "<svg viewBox='0 0 20 20'><rect x='3.5' y='4' width='13' height='12' rx='2.5'/><path d='M7.5 13.5L8.7 6.5M12.5 13.5L11.3 6.5'/></svg>"
};
var open = null, marks = [];
function iconOf(kinds) {
  if (kinds[0] === "place") return "place";
  return kinds.indexOf("break_of_gauge") >= 0 ? "break_of_gauge" : kinds.indexOf("border") >= 0 ? "border" : "halt";
}
data.stops.forEach(function (stop) {
  var kind = iconOf(stop.kinds), isPlace = kind === "place";
  var marker = L.marker([stop.lat, stop.lon], {
    icon: L.divIcon({ className: "mark " + kind, html: ICONS[kind], iconSize: [24, 24] }),
    keyboard: true, riseOnHover: true, zIndexOffset: isPlace ? 200 : 0
  });
  marker.bindPopup(function () { return popup(stop.popup); }, { maxWidth: 300, autoPanPadding: [20, 20] });
  marker.on("add", function () {
    var el = marker.getElement();
    el.setAttribute("role", "button");
    el.setAttribute("aria-label", stop.popup.title + (isPlace ? "" : ", " + stop.kinds.map(function (k) { return words[k]; }).join(", ")));
    el.setAttribute("aria-haspopup", "dialog");
  });
  (isPlace ? routeLayer : haltLayer).addLayer(marker);
  marks.push([stop.lat, stop.lon, isPlace ? 9 : 8, isPlace]);
});

// ---- names
var names = window.railrouteLabels(map, labelPane), places = data.stops.filter(function (s) { return s.kinds[0] === "place"; });
function stopLabel(stop, style, group, lines) {
  names.add({ at: [[stop.lon, stop.lat]], lines: lines, style: style, group: group, gap: 12, zoom: 0, must: true, lang: stop.lang });
}
var seen = new Set();
[0, places.length - 1].concat(places.map(function (_, i) { return i; })).forEach(function (i) {
  var key = places[i].name + places[i].lat.toFixed(2) + places[i].lon.toFixed(2);
  if (seen.has(key)) return;
  seen.add(key);
  stopLabel(places[i], "stop", "route", [places[i].name]);
});
data.stops.forEach(function (stop) {
  if (stop.kinds[0] === "place") return;
  stopLabel(stop, "halt", "halts", [stop.name, stop.kinds.map(function (k) { return words[k]; }).join(", ")]);
});
data.labels.countries.forEach(function (c) {
  names.add({ at: c.at, lines: [c.name], style: "country", group: "names", room: 26, zoom: 0 });
});
data.labels.seas.forEach(function (s) {
  var parts = /^(.*) (\(.*\))$/.exec(s.name);
  names.add({ at: [[s.lon, s.lat]], lines: parts ? [parts[1], parts[2]] : [s.name], style: "sea", group: "names", zoom: s.zoom });
});
data.labels.cities.forEach(function (c) {
  names.add({ at: [[c.lon, c.lat]], lines: [c.name], style: "city", group: "names", gap: 6, dot: true, zoom: Math.max(c.zoom, 3) });
});
names.keepOff(routeLines);
var card = document.querySelector(".card");
function obstacles() {
  var frame = box.getBoundingClientRect();
  return [card].concat(Array.prototype.slice.call(box.querySelectorAll(".leaflet-control"))).filter(Boolean).map(function (el) {
    var r = el.getBoundingClientRect();
    return [r.left - frame.left - 3, r.top - frame.top - 3, r.right - frame.left + 3, r.bottom - frame.top + 3];
  });
}
function label() {
  names.place(marks.filter(function (m) { return map.hasLayer(m[3] ? routeLayer : haltLayer); }), obstacles());
}
map.on("zoomstart", function () { labelPane.style.opacity = 0; });
map.on("moveend zoomend resize viewreset", function () { label(); labelPane.style.opacity = 1; });

// ---- controls
var nightLayer = L.layerGroup().addTo(map), nameLayer = L.layerGroup().addTo(map), overlays = {};
overlays[words.basemap] = base;
overlays[words.names] = nameLayer;
overlays[words.route] = routeLayer;
if (marks.some(function (m) { return !m[3]; })) overlays[words.halts] = haltLayer;
if (data.start !== null) overlays[words.nightLayer] = nightLayer;
if (/^https?:$/.test(location.protocol)) {
  // openstreetmap.org serves pages that send a Referer only: a page opened from a file has none.
  overlays[words.tiles] = L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png", { pane: "tiles", maxZoom: 19 });
}
var layers = L.control.layers(null, overlays, { position: "topright", collapsed: true }).addTo(map);
map.on("overlayadd overlayremove", function (event) {
  if (event.layer === nameLayer) names.toggle("names", event.type === "overlayadd");
  if (event.layer === routeLayer) names.toggle("route", event.type === "overlayadd");
  if (event.layer === haltLayer) names.toggle("halts", event.type === "overlayadd");
  label();
});
L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
L.control.zoom({ position: "bottomleft", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
var Fit = L.Control.extend({
  options: { position: "bottomleft" },
  onAdd: function () {
    var bar = make("div", "leaflet-bar"), button = make("a", "fit", null, bar);
    button.href = "#";
    button.title = words.fit;
    button.setAttribute("role", "button");
    button.setAttribute("aria-label", words.fit);
    button.innerHTML = "<svg viewBox='0 0 20 20' aria-hidden='true'><path d='M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5'/></svg>";
    L.DomEvent.disableClickPropagation(bar).on(button, "click", function (event) { L.DomEvent.preventDefault(event); fit(true); });
    return bar;
  }
});
new Fit().addTo(map);
var credit = L.control.attribution({ position: "bottomright", prefix: false }).addTo(map);
data.credit.concat(["Leaflet"]).forEach(function (text) {
  var holder = document.createElement("span");
  holder.textContent = text;
  credit.addAttribution(holder.innerHTML);
});
function fit(smooth) {
  var size = map.getSize(), frame = box.getBoundingClientRect(), edge = Math.min(46, size.x / 10, size.y / 8);
  var rect = card ? card.getBoundingClientRect() : null, best = null;
  var shown = rect && rect.width && getComputedStyle(card).position === "absolute";
  // Beside the card or below it, whichever leaves the route larger.
  [[edge + (shown ? rect.right - frame.left : 0), edge], [Math.max(edge, 58), edge * 0.8 + (shown ? rect.bottom - frame.top : 0)]].forEach(function (pad) {
    var padding = L.point(pad[0] + edge, pad[1] + edge);
    if (size.x - padding.x < 120 || size.y - padding.y < 120) return;
    var zoom = map.getBoundsZoom(data.bounds, false, padding);
    if (!best || zoom > best[0]) best = [zoom, pad];
  });
  map.fitBounds(data.bounds, { paddingTopLeft: best ? best[1] : [edge, edge], paddingBottomRight: [edge, edge], animate: !!smooth && !calm });
}

// ---- keyboard
document.addEventListener("keydown", function (event) {
  if (event.key === "Escape" && open) {
    var from = open._source;
    map.closePopup();
    var el = from && from.getElement && from.getElement();
    if (el && el.tabIndex >= 0) el.focus();
  }
});
map.on("popupopen", function (event) {
  open = event.popup;
  var el = open.getElement(), close = el.querySelector(".leaflet-popup-close-button");
  el.setAttribute("role", "dialog");
  var title = el.querySelector("h2");
  if (title) el.setAttribute("aria-label", title.textContent);
  if (close) close.setAttribute("aria-label", words.close);
});
map.on("popupclose", function () { open = null; });
document.querySelectorAll("[data-leg]").forEach(function (button) {
  button.addEventListener("click", function () {
    var leg = legs[+button.dataset.leg];
    map.fitBounds(leg.line.getBounds(), { padding: [60, 60], maxZoom: 9.5, animate: false });
    var rows = leg.rows, half = (rows[0][0] + rows[rows.length - 1][0]) / 2;
    leg.touch.openPopup([geo.between(rows, 0, 1, half), geo.between(rows, 0, 2, half)]);
  });
});

// ---- the train
var times = data.positions, end = times[times.length - 1][0], now = 0, playing = null;
var slider = find("time"), cursor = find("cursor"), plot = find("plot"), play = find("play");
var clocks = Array.prototype.map.call(document.querySelectorAll("[data-zone]"), function (el) {
  var format;
  try {
    format = new Intl.DateTimeFormat("en-GB", { timeZone: el.dataset.zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  } catch (error) {
    return null;
  }
  return { el: el, format: format };
}).filter(Boolean);
function clock(at, ms) {
  var part = {};
  at.format.formatToParts(new Date(ms)).forEach(function (p) { part[p.type] = p.value; });
  return part.weekday + " " + part.hour + ":" + part.minute;
}
var VEHICLES = {
  rail: "<svg viewBox='0 0 24 24'><rect x='6' y='4' width='12' height='13' rx='3'/><path class='glass' d='M8.3 7h7.4v4.2H8.3z'/><circle class='glass' cx='9.3' cy='14.2' r='1.1'/><circle class='glass' cx='14.7' cy='14.2' r='1.1'/><path class='rails' d='M8.5 17.5L7 20.5M15.5 17.5l1.5 3'/></svg>",
  road: "<svg viewBox='0 0 24 24'><path d='M4 13l1.8-5.2A2.4 2.4 0 0 1 8 6.2h8a2.4 2.4 0 0 1 2.2 1.6L20 13v4.6h-2.6v-1.4H6.6v1.4H4z'/><path class='glass' d='M7 12l1.2-3.6h7.6L17 12z'/></svg>",
  ferry: "<svg viewBox='0 0 24 24'><path d='M4 13h16l-2.4 5H6.4zM8 8h8v4H8zM11 4.500h2V8h-2z'/></svg>"
};
var shownMode = null, train = L.marker([0, 0], {
  pane: "train", interactive: false, keyboard: false, icon: L.divIcon({ className: "train", html: "<div></div>", iconSize: [30, 30] })
});
function spot(measure) {
  return [geo.between(journey, 0, 1, measure), geo.between(journey, 0, 2, measure)];
}
function span(seconds) {
  var minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes + " min";
  return Math.floor(minutes / 60) + " h " + ("0" + minutes % 60).slice(-2) + " min";
}
function kilometres(metres) {
  var digits = data.total < 20000 ? 1 : 0;
  return (metres / 1000).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
function state(measure) {
  if (now >= end) return say("arrived", places[places.length - 1].name);
  var here = data.stops.filter(function (s) { return s.until > s.since && now >= s.since && now < s.until; })[0];
  if (here) return say("at", here.name);
  if (now === 0) return say("departs", places[0].name);
  for (var i = 0; i < legs.length; i++) {
    var rows = legs[i].rows;
    if (measure <= rows[rows.length - 1][0]) return legs[i].what.from + " → " + legs[i].what.to;
  }
  return "";
}
function show(seconds) {
  now = Math.min(Math.max(seconds, 0), end);
  var measure = geo.between(times, 0, 1, now), at = spot(measure), axis = +slider.max;
  var leg = legs.filter(function (l) { return measure <= l.rows[l.rows.length - 1][0]; })[0] || legs[legs.length - 1];
  train.setLatLng(at);
  if (!map.hasLayer(train)) train.addTo(map);
  if (shownMode !== leg.what.mode) {
    shownMode = leg.what.mode;
    train.getElement().firstElementChild.innerHTML = VEHICLES[shownMode];
  }
  legs.forEach(function (l) {
    var first = l.rows[0][0], last = l.rows[l.rows.length - 1][0], part = [];
    if (measure >= last) part = l.rows;
    else if (measure > first) part = l.rows.slice(0, geo.before(l.rows, 0, measure) + 1).concat([[measure, at[0], at[1]]]);
    l.done.setLatLngs(part.map(function (r) { return [r[1], r[2]]; }));
  });
  slider.value = now;
  slider.style.setProperty("--done", (now / axis * 100).toFixed(3) + "%");
  cursor.style.left = (now / axis * 100).toFixed(3) + "%";
  cursor.firstElementChild.style.top = "calc(4px + (100% - 8px) * " + (1 - measure / (data.total || 1)).toFixed(5) + ")";
  var where = say("km", kilometres(measure), kilometres(data.total));
  var clocked = [];
  if (data.start !== null) {
    var ms = data.start + now * 1000, height = Math.round(geo.altitude(ms, at[0], at[1]));
    where += " · " + (height < -0.8 ? words.night : words.day) + ", " + say("sun", (height < 0 ? "−" : "") + Math.abs(height));
    clocks.forEach(function (c) { c.el.textContent = clock(c, ms); clocked.push(c.el.textContent); });
    night(ms);
  } else {
    where = say("after", span(now)) + " · " + where;
  }
  find("now").textContent = state(measure);
  find("where").textContent = where;
  slider.setAttribute("aria-valuetext", (clocked[0] ? clocked[0] + ", " : "") + where);
}
// Dusk in steps fine enough to look like one.
var TWILIGHT = [];
for (var step = 0; step < 14; step++) TWILIGHT.push(-0.833 - step * 0.86);
var shades = TWILIGHT.map(function () {
  return L.polygon([], { pane: "night", interactive: false, stroke: false, className: "dark", smoothFactor: 2 }).addTo(nightLayer);
});
var shaded = null;
function night(ms) {
  if (shaded !== null && Math.abs(ms - shaded) < 120000) return;
  shaded = ms;
  TWILIGHT.forEach(function (limit, i) { shades[i].setLatLngs(geo.dark(ms, limit, middle)); });
}
function stop() {
  if (playing !== null) cancelAnimationFrame(playing);
  playing = null;
  play.querySelector("span").textContent = words.play;
  play.querySelector("path").setAttribute("d", "M2 1l9 5-9 5z");
}
function start() {
  if (now >= end) show(0);
  var last = null, rate = end / 30;
  play.querySelector("span").textContent = words.pause;
  play.querySelector("path").setAttribute("d", "M2 1h3v10H2zM7 1h3v10H7z");
  playing = requestAnimationFrame(function frame(ms) {
    if (last !== null) show(now + Math.min(ms - last, 200) / 1000 * rate);
    last = ms;
    if (now >= end) stop(); else playing = requestAnimationFrame(frame);
  });
}
play.addEventListener("click", function () { if (playing === null) start(); else stop(); });
slider.addEventListener("input", function () { stop(); show(+slider.value); });
function point(event) {
  var frame = plot.getBoundingClientRect();
  stop();
  show((event.clientX - frame.left) / frame.width * +slider.max);
}
plot.addEventListener("pointermove", function (event) { if (event.pointerType === "mouse" || event.buttons) point(event); });
plot.addEventListener("pointerdown", point);

// ---- print, resize, first view
var kept = null;
window.addEventListener("beforeprint", function () {
  kept = [map.getCenter(), map.getZoom()];
  document.documentElement.classList.add("printing");
  map.invalidateSize({ animate: false });
  thin();
  fit(false);
});
window.addEventListener("afterprint", function () {
  document.documentElement.classList.remove("printing");
  map.invalidateSize({ animate: false });
  thin();
  if (kept) map.setView(kept[0], kept[1], { animate: false });
});
if (window.innerWidth < 700) document.querySelector(".more").open = false;
document.querySelector(".more").addEventListener("toggle", function () { label(); });
// Marks of the time axis that would touch their neighbour stay away.
function thin() {
  var last = -Infinity, marks = Array.prototype.slice.call(document.querySelectorAll(".ticks span")), days = [];
  marks.forEach(function (m) { m.style.visibility = ""; });
  marks.filter(function (m) { return m.className === "day"; }).forEach(function (m) {
    var r = m.getBoundingClientRect();
    if (r.left < last + 8) m.style.visibility = "hidden"; else { last = r.right; days.push(r); }
  });
  last = -Infinity;
  marks.filter(function (m) { return m.className !== "day"; }).forEach(function (m) {
    var r = m.getBoundingClientRect();
    var near = r.left < last + 10 || days.some(function (d) { return r.left < d.right + 8 && r.right > d.left - 8; });
    if (near) m.style.visibility = "hidden"; else last = r.right;
  });
}
window.addEventListener("resize", thin);
thin();
map.setView([(data.bounds[0][0] + data.bounds[1][0]) / 2, middle], 5, { animate: false });
fit(false);
show(0);
label();
box.dataset.ready = "1";
};
