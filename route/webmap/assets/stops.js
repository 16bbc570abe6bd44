// Stops and halts of all journeys: one mark for each place, with what every journey does there.
railroute.stops = function (map, data, journeys, base, kit) {
"use strict";
var words = data.words, several = journeys.length > 1, hidden = new Set(), halts = L.layerGroup().addTo(map), marks = [];
var ICONS = {
  place: "<svg viewBox='0 0 20 20'><circle cx='10' cy='10' r='6.5'/></svg>",
  halt: "<svg viewBox='0 0 20 20'><circle cx='10' cy='10' r='4.2'/></svg>",
  border: "<svg viewBox='0 0 20 20'><rect x='4' y='4' width='12' height='12' rx='2.5'/><path d='M10 6v8' stroke-dasharray='2.4 1.6'/></svg>",
  break_of_gauge: "<svg viewBox='0 0 20 20'><rect x='3.5' y='4' width='13' height='12' rx='2.5'/><path d='M7.5 13.5L8.7 6.5M12.5 13.5L11.3 6.5'/></svg>"
};
function iconOf(kinds) {
  if (kinds[0] === "place") return "place";
  return kinds.indexOf("break_of_gauge") >= 0 ? "break_of_gauge" : kinds.indexOf("border") >= 0 ? "border" : "halt";
}
function called(stop) { return stop.kinds.map(function (k) { return words[k]; }).join(", "); }

// ---- what lies on one spot
var spots = new Map();
journeys.forEach(function (journey, index) {
  journey.what.stops.forEach(function (stop) {
    var kind = iconOf(stop.kinds), key = [kind, stop.name, stop.lat.toFixed(2), stop.lon.toFixed(2)].join("|");
    // One journey may come to a place twice: each call has its mark.
    while (spots.has(key) && spots.get(key).some(function (e) { return e.index === index; })) key += "|";
    if (!spots.has(key)) spots.set(key, []);
    spots.get(key).push({ index: index, stop: stop, kind: kind });
  });
});
spots.forEach(function (entries) {
  var stop = entries[0].stop, kind = entries[0].kind, isPlace = kind === "place";
  var marker = L.marker([stop.lat, stop.lon], {
    icon: L.divIcon({ className: "mark " + kind, html: ICONS[kind], iconSize: [24, 24] }),
    keyboard: true, riseOnHover: true, zIndexOffset: isPlace ? 200 : 0
  });
  function shown() { return entries.filter(function (e) { return !hidden.has(e.index); }); }
  marker.bindPopup(function () {
    return kit.popup(shown().map(function (e) { return e.stop.popup; }), several ? shown().map(function (e) { return journeys[e.index].what; }) : null);
  }, { maxWidth: 320, autoPan: false });
  marker.on("add", function () {
    var el = marker.getElement();
    el.setAttribute("role", "button");
    el.setAttribute("aria-label", stop.popup.title + (isPlace ? "" : ", " + called(stop)));
    el.setAttribute("aria-haspopup", "dialog");
    if (entries.some(function (e) { return e.stop.popup.notes.some(function (n) { return n.doubted; }); })) el.classList.add("doubted");
  });
  marks.push({ marker: marker, entries: entries, isPlace: isPlace, at: [stop.lat, stop.lon], shown: shown });
});

// ---- names
var first = marks.filter(function (m) { return m.isPlace; }), last = journeys[0].places[journeys[0].places.length - 1];
function label(mark, style, lines) {
  var stop = mark.entries[0].stop;
  base.names.add({
    at: [[stop.lon, stop.lat]], lines: lines, style: style, gap: 12, zoom: 0, must: true, lang: stop.lang,
    groups: mark.entries.map(function (e) { return style + e.index; })
  });
}
var seen = new Set();
first.filter(function (m) { return m.entries[0].stop === last; }).concat(first).forEach(function (mark, i, all) {
  // The ends come first, so that they keep their names where there is little room.
  if (i === 0) mark = all[1] || mark;
  else if (i === 1) mark = all[0];
  var stop = mark.entries[0].stop, key = stop.name + stop.lat.toFixed(2) + stop.lon.toFixed(2);
  if (seen.has(key)) return;
  seen.add(key);
  label(mark, "stop", [stop.name]);
});
marks.filter(function (m) { return !m.isPlace; }).forEach(function (mark) {
  label(mark, "halt", [mark.entries[0].stop.name, called(mark.entries[0].stop)]);
});

// Towns on the way, by which a reader orients; they give way to all of the above.
data.passed.forEach(function (town) {
  base.names.add({ at: [[town[1], town[2]]], lines: [town[0]], style: "passed", gap: 8, zoom: 0, must: true, dot: true, groups: ["stop0"] });
});

function refresh() {
  marks.forEach(function (m) {
    var there = m.shown().length > 0;
    if (m.isPlace) { if (there) m.marker.addTo(map); else m.marker.remove(); }
    else if (there) halts.addLayer(m.marker); else halts.removeLayer(m.marker);
  });
}
refresh();
return {
  halts: halts,
  hasHalts: marks.some(function (m) { return !m.isPlace; }),
  toggle: function (index, on) { if (on) hidden.delete(index); else hidden.add(index); refresh(); },
  // Points that no name may cover: latitude, longitude, radius in pixels.
  points: function () {
    return marks.filter(function (m) { return map.hasLayer(m.marker); }).map(function (m) {
      return [m.at[0], m.at[1], m.isPlace ? 9 : 8];
    });
  },
  open: function (index, place) {
    var stop = journeys[index].places[place];
    marks.some(function (m) {
      var here = m.entries.some(function (e) { return e.index === index && e.stop === stop; });
      if (here) m.marker.openPopup();
      return here;
    });
  }
};
};
