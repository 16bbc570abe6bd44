// One journey on the map: its line, its train, where it is when.
railroute.journey = function (map, data, what, kit) {
"use strict";
var geo = railroute.geo, several = data.journeys.length > 1, make = kit.make, say = kit.say;
var rows = [], drawn = [], layer = L.layerGroup().addTo(map), times = what.positions, end = times[times.length - 1][0];

var legs = what.legs.map(function (leg, index) {
  var points = geo.latLngs(leg.line, 10000), at = geo.numbers(leg.measures, 1, 1);
  var own = points.map(function (p, i) { return [at[i][0], p[0], p[1]]; });
  rows = rows.concat(own);
  drawn.push(points);
  var made = {
    what: leg, index: index, rows: own,
    casing: L.polyline(points, { pane: "casing", className: "casing", interactive: false }),
    line: L.polyline(points, { pane: "route", className: "line " + leg.style, interactive: false }),
    touch: L.polyline(points, { pane: "route", className: "touch", bubblingMouseEvents: false })
  };
  // With several journeys the colour tells which is which; of one, the part behind the train is shown.
  if (!several) made.done = L.polyline([], { pane: "route", className: "line done " + leg.mode, interactive: false });
  return made;
});
["casing", "line", "done", "touch"].forEach(function (part) {
  legs.forEach(function (leg) { if (leg[part]) layer.addLayer(leg[part]); });
});

var VEHICLES = {
  rail: "<svg viewBox='0 0 24 24'><rect x='6' y='4' width='12' height='13' rx='3'/><path class='glass' d='M8.3 7h7.4v4.2H8.3z'/><circle class='glass' cx='9.3' cy='14.2' r='1.1'/><circle class='glass' cx='14.7' cy='14.2' r='1.1'/><path class='rails' d='M8.5 17.5L7 20.5M15.5 17.5l1.5 3'/></svg>",
  road: "<svg viewBox='0 0 24 24'><path d='M4 13l1.8-5.2A2.4 2.4 0 0 1 8 6.2h8a2.4 2.4 0 0 1 2.2 1.6L20 13v4.6h-2.6v-1.4H6.6v1.4H4z'/><path class='glass' d='M7 12l1.2-3.6h7.6L17 12z'/></svg>",
  ferry: "<svg viewBox='0 0 24 24'><path d='M4 13h16l-2.4 5H6.4zM8 8h8v4H8zM11 4.500h2V8h-2z'/></svg>"
};
var mode = null, train = L.marker([rows[0][1], rows[0][2]], {
  pane: "train", interactive: false, keyboard: false,
  icon: L.divIcon({ className: "train " + what.style, html: "<div></div>", iconSize: [30, 30] })
}).addTo(layer);

function spot(measure) { return [geo.between(rows, 0, 1, measure), geo.between(rows, 0, 2, measure)]; }
function legAt(measure) {
  return legs.filter(function (l) { return measure <= l.rows[l.rows.length - 1][0]; })[0] || legs[legs.length - 1];
}
function inList(list, measure) {
  var found = list[0];
  list.forEach(function (entry) { if (entry[0] <= measure) found = entry; });
  return found ? found[1] : "";
}
function local(seconds) { return Math.min(Math.max(seconds - what.offset, 0), end); }
function measureAt(seconds) { return geo.between(times, 0, 1, local(seconds)); }
// When the train first comes to a measure, in seconds of the page.
function timeAt(measure) {
  for (var i = 1; i < times.length; i++) {
    if (times[i][1] >= measure) {
      var a = times[i - 1], span = times[i][1] - a[1];
      return what.offset + a[0] + (span > 0 ? (measure - a[1]) / span * (times[i][0] - a[0]) : 0);
    }
  }
  return what.offset + end;
}
// Point of the line nearest to a position: its measure and its distance in degrees of latitude.
function nearest(latlng, within) {
  var squeeze = Math.cos(latlng.lat * Math.PI / 180), best = [0, Infinity];
  (within || rows).forEach(function (b, i, list) {
    if (!i) return;
    var a = list[i - 1], x = (b[2] - a[2]) * squeeze, y = b[1] - a[1], square = x * x + y * y;
    var px = (latlng.lng - a[2]) * squeeze, py = latlng.lat - a[1];
    var share = square > 0 ? Math.min(Math.max((px * x + py * y) / square, 0), 1) : 0;
    var away = (px - share * x) * (px - share * x) + (py - share * y) * (py - share * y);
    if (away < best[1]) best = [a[0] + share * (b[0] - a[0]), away];
  });
  return [best[0], Math.sqrt(best[1])];
}
function kilometres(metres) {
  var digits = what.total < 20000 ? 1 : 0;
  return (metres / 1000).toLocaleString(data.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
function post(measure) { return say("km", { distance: kilometres(measure), total: kilometres(what.total) }); }
var places = what.stops.filter(function (s) { return s.kinds[0] === "place"; });
function state(seconds) {
  var now = local(seconds);
  if (now >= end) return say("arrived", { place: places[places.length - 1].name });
  var here = what.stops.filter(function (s) { return s.until > s.since && now >= s.since && now < s.until; })[0];
  if (here) return say("at", { place: here.name });
  if (now === 0) return say("departs", { place: places[0].name });
  var leg = legAt(measureAt(seconds));
  return leg.what.from + " → " + leg.what.to;
}
function show(seconds) {
  var measure = measureAt(seconds), at = spot(measure), leg = legAt(measure);
  train.setLatLng(at);
  if (mode !== leg.what.mode && train.getElement()) {
    mode = leg.what.mode;
    if (several) train.getElement().firstElementChild.textContent = what.letter;
    else train.getElement().firstElementChild.innerHTML = VEHICLES[mode];
  }
  legs.forEach(function (l) {
    if (!l.done) return;
    var first = l.rows[0][0], last = l.rows[l.rows.length - 1][0], part = [];
    if (measure >= last) part = l.rows;
    else if (measure > first) part = l.rows.slice(0, geo.before(l.rows, 0, measure) + 1).concat([[measure, at[0], at[1]]]);
    l.done.setLatLngs(part.map(function (r) { return [r[1], r[2]]; }));
  });
  return { measure: measure, at: at };
}
// Its place, line and time: what stands on the post at a kilometre.
function postLines(measure) {
  var leg = legAt(measure), lines = [leg.what.from + " → " + leg.what.to], name = inList(what.tracks, measure);
  if (name) lines.push(name);
  var seconds = timeAt(measure);
  if (data.start !== null) lines.push(kit.clock(data.start + seconds * 1000, inList(what.zones, measure), true));
  else lines.push(say("elapsed", { time: kit.span(seconds - what.offset) }));
  return lines;
}
function legPopup(leg, measure) {
  var el = kit.popup([leg.what.popup], several ? [what] : null);
  if (measure !== null) make("p", "here", [post(measure)].concat(postLines(measure).slice(1)).join(" · "), el);
  return el;
}
layer.on("add", function () { mode = null; });
return {
  what: what, legs: legs, places: places, rows: rows, drawn: drawn, layer: layer, end: what.offset + end, total: what.total,
  measureAt: measureAt, timeAt: timeAt, nearest: nearest, spot: spot, show: show, state: state, post: post, postLines: postLines,
  legPopup: legPopup, track: function (measure) { return inList(what.tracks, measure); },
  zone: function (measure) { return inList(what.zones, measure); },
  reset: function () { mode = null; }
};
};
