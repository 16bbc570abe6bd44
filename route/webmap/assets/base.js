// What every map of the page has, whatever journeys are on it: land, names of the world, night, controls.
railroute.base = function (map, data, kit) {
"use strict";
var geo = railroute.geo, words = data.words, box = map.getContainer(), make = kit.make;
var middle = (data.bounds[0][1] + data.bounds[1][1]) / 2;

function pane(name, z, still) {
  var el = map.createPane(name);
  el.style.zIndex = z;
  if (still) el.style.pointerEvents = "none";
  return el;
}
pane("land", 210, true); pane("tiles", 215, true); pane("night", 230, true); pane("casing", 405, true); pane("route", 410); pane("train", 640, true);
var labelPane = pane("labels", 620, true);
labelPane.setAttribute("aria-hidden", "true");

// ---- land, lakes, borders
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
var ground = L.layerGroup([
  L.polygon(land, quiet("land", { stroke: false, fillRule: "nonzero" })),
  L.polygon(lakes, quiet("lake", { stroke: false, fillRule: "nonzero" })),
  L.polyline(coast(land), quiet("coast")),
  L.polyline(lines(data.basemap.borders), quiet("border")),
  L.polyline(lines(data.basemap.disputed), quiet("border disputed"))
]).addTo(map);

// ---- names of countries, seas and cities
var names = railroute.labels(map, labelPane);
function worldNames() {
  data.labels.countries.forEach(function (c) {
    names.add({ at: c.at, lines: [c.name], style: "country", groups: ["names"], room: 26, zoom: 0 });
  });
  data.labels.seas.forEach(function (s) {
    var parts = /^(.*) (\(.*\))$/.exec(s.name);
    names.add({ at: [[s.lon, s.lat]], lines: parts ? [parts[1], parts[2]] : [s.name], style: "sea", groups: ["names"], zoom: s.zoom });
  });
  data.labels.cities.forEach(function (c) {
    names.add({ at: [[c.lon, c.lat]], lines: [c.name], style: "city", groups: ["names"], gap: 6, dot: true, zoom: Math.max(c.zoom, 3) });
  });
}
var card = document.querySelector(".card");
function obstacles() {
  var frame = box.getBoundingClientRect();
  return [card].concat(Array.prototype.slice.call(box.querySelectorAll(".leaflet-control"))).filter(Boolean).map(function (el) {
    var r = el.getBoundingClientRect();
    return [r.left - frame.left - 3, r.top - frame.top - 3, r.right - frame.left + 3, r.bottom - frame.top + 3];
  });
}
map.on("zoomstart", function () { labelPane.style.opacity = 0; });
map.on("moveend zoomend resize viewreset", function () { labelPane.style.opacity = 1; });

// ---- night: dusk in steps fine enough to look like one
var nightLayer = L.layerGroup().addTo(map), shaded = null, TWILIGHT = [];
for (var step = 0; step < 14; step++) TWILIGHT.push(-0.833 - step * 0.86);
var shades = TWILIGHT.map(function () {
  return L.polygon([], { pane: "night", interactive: false, stroke: false, className: "dark", smoothFactor: 2 }).addTo(nightLayer);
});
function night(ms) {
  if (shaded !== null && Math.abs(ms - shaded) < 120000) return;
  shaded = ms;
  TWILIGHT.forEach(function (limit, i) { shades[i].setLatLngs(geo.dark(ms, limit, middle)); });
}

// ---- controls
var zooming = false;
map.on("zoomstart", function () { zooming = true; });
map.on("zoomend", function () { zooming = false; });
function fit(smooth) {
  // While the map zooms it would not heed another view.
  if (smooth && zooming) { map.once("zoomend", function () { fit(true); }); return; }
  var size = map.getSize(), frame = box.getBoundingClientRect(), edge = Math.min(46, size.x / 10, size.y / 8);
  var rect = card ? card.getBoundingClientRect() : null, best = null;
  var shown = rect && rect.width && getComputedStyle(card).position === "absolute";
  var low = size.x < 600 ? Math.min(edge + 22, size.y / 6) : edge;  // above the scale
  // Beside the card or below it, whichever leaves the route larger.
  [[edge + (shown ? rect.right - frame.left : 0), edge], [Math.max(edge, 58), edge * 0.8 + (shown ? rect.bottom - frame.top : 0)]].forEach(function (pad) {
    var padding = L.point(pad[0] + edge, pad[1] + low);
    if (size.x - padding.x < 120 || size.y - padding.y < 110) return;
    var zoom = map.getBoundsZoom(data.bounds, false, padding);
    if (!best || zoom > best[0]) best = [zoom, pad];
  });
  map.fitBounds(data.bounds, { paddingTopLeft: best ? best[1] : [edge, edge], paddingBottomRight: [edge, low], animate: !!smooth && !kit.calm });
}
function button(style, title, path, act) {
  return new (L.Control.extend({
    options: { position: "topright" },
    onAdd: function () {
      var bar = make("div", "leaflet-bar"), el = make("a", "tool " + style, null, bar);
      el.href = "#";
      el.title = title;
      el.setAttribute("role", "button");
      el.setAttribute("aria-label", title);
      el.innerHTML = "<svg viewBox='0 0 20 20' aria-hidden='true'><path d='" + path + "'/></svg>";
      function pressed(event) { L.DomEvent.preventDefault(event); act(el); }
      L.DomEvent.disableClickPropagation(bar).on(el, "click", pressed).on(el, "keydown", function (event) {
        if (event.key === " ") pressed(event);
      });
      return bar;
    }
  }))().addTo(map);
}
// Leaflet writes its scale in Latin letters.
function scaleInWords() {
  var el = box.querySelector(".leaflet-control-scale-line"), found = /^([\d.]+) (k?m)$/.exec(el.textContent);
  if (found) el.textContent = kit.say(found[2] === "km" ? "kilometres" : "metres", { number: (+found[1]).toLocaleString(data.locale) });
}
function fullScreen(el) {
  var done = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  done.then(function () { el.setAttribute("aria-pressed", String(!!document.fullscreenElement)); }, function () {});
}
function controls(overlays) {
  L.control.layers(null, overlays, { position: "topright", collapsed: true }).addTo(map);
  var toggle = box.querySelector(".leaflet-control-layers-toggle");
  toggle.title = words.layers;
  toggle.setAttribute("aria-label", words.layers);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
  map.on("move", scaleInWords);
  map.whenReady(scaleInWords);
  L.control.zoom({ position: "bottomleft", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  button("fit", words.fit, "M3 7.5V3h4.5M12.5 3H17v4.5M17 12.5V17h-4.5M7.5 17H3v-4.5", function () { fit(true); });
  if (document.fullscreenEnabled) {
    button("full", words.full, "M11.5 8.500L16.500 3.500M12.500 3.500h4v4M8.500 11.500L3.500 16.500M3.500 12.500v4h4", fullScreen);
  }
  var credit = L.control.attribution({ position: "bottomright", prefix: false }).addTo(map);
  data.credit.concat(["Leaflet"]).forEach(function (text) {
    var holder = document.createElement("span");
    holder.textContent = text;
    credit.addAttribution(holder.innerHTML);
  });
}

return {
  ground: ground, nightLayer: nightLayer, night: night, names: names, worldNames: worldNames, obstacles: obstacles,
  controls: controls, fit: fit, middle: middle, card: card
};
};
