// Names on the map: each tries a few places beside its point and is left out where it would touch another.
(function () {
"use strict";
var CELL = 5;

function labels(map, pane) {
  var all = [], route = [], off = new Set();

  function add(options) {
    var el = document.createElement("div");
    el.className = "label " + options.style;
    if (options.lang) el.lang = options.lang;
    options.lines.forEach(function (text, index) {
      var line = document.createElement(index ? "small" : "span");
      line.textContent = text;
      el.appendChild(line);
    });
    pane.appendChild(el);
    var dot = null;
    if (options.dot) {
      dot = document.createElement("i");
      dot.className = "dot " + options.style;
      pane.appendChild(dot);
    }
    all.push({ el: el, dot: dot, o: options, w: 0, h: 0 });
  }

  function hide(label) {
    label.el.style.visibility = "hidden";
    if (label.dot) label.dot.style.visibility = "hidden";
  }

  function hits(cells, box, limit) {
    var n = 0;
    for (var x = Math.floor(box[0] / CELL); x <= Math.floor(box[2] / CELL); x++) {
      for (var y = Math.floor(box[1] / CELL); y <= Math.floor(box[3] / CELL); y++) {
        if (cells.has(x * 100003 + y) && ++n >= limit) return n;
      }
    }
    return n;
  }

  function cellsOf(lines, size) {
    var cells = new Set();
    lines.forEach(function (line) {
      for (var i = 1; i < line.length; i++) {
        var a = map.latLngToContainerPoint(line[i - 1]), b = map.latLngToContainerPoint(line[i]);
        if (Math.max(a.x, b.x) < 0 || Math.min(a.x, b.x) > size.x || Math.max(a.y, b.y) < 0 || Math.min(a.y, b.y) > size.y) continue;
        var steps = Math.min(Math.ceil(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) / CELL), 2000);
        for (var s = 0; s <= steps; s++) {
          var x = a.x + (b.x - a.x) * s / (steps || 1), y = a.y + (b.y - a.y) * s / (steps || 1);
          cells.add(Math.floor(x / CELL) * 100003 + Math.floor(y / CELL));
        }
      }
    });
    return cells;
  }

  function overlaps(box, others) {
    for (var i = 0; i < others.length; i++) {
      var o = others[i];
      if (box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]) return true;
    }
    return false;
  }

  function beside(p, label) {
    var g = label.o.gap, w = label.w, h = label.h, d = g * 0.7;
    return [[p.x + g, p.y - h / 2], [p.x - g - w, p.y - h / 2], [p.x - w / 2, p.y + g], [p.x - w / 2, p.y - g - h],
      [p.x + d, p.y + d - 3], [p.x + d, p.y - d - h + 3], [p.x - d - w, p.y + d - 3], [p.x - d - w, p.y - d - h + 3]];
  }

  // Points that no label may cover: [lat, lng, radius in pixels].
  function place(marks, solid) {
    var size = map.getSize(), zoom = map.getZoom(), cells = cellsOf(route, size);
    var taken = solid.slice(), shown = [];
    marks.forEach(function (m) {
      var p = map.latLngToContainerPoint([m[0], m[1]]);
      taken.push([p.x - m[2], p.y - m[2], p.x + m[2], p.y + m[2]]);
    });
    all.forEach(function (label) {
      var o = label.o, best = null, cost = Infinity;
      if (!label.w) { label.w = label.el.offsetWidth; label.h = label.el.offsetHeight; }
      hide(label);
      if (zoom < o.zoom || o.groups.every(function (g) { return off.has(g); })) return;
      o.at.forEach(function (place, index) {
        if (best && !o.gap) return;
        var p = map.latLngToContainerPoint([place[1], place[0]]);
        if (p.x < 0 || p.y < 0 || p.x > size.x || p.y > size.y) return;
        if (place[2] && o.room) {
          var degree = map.latLngToContainerPoint([place[1], place[0] + 1]).x - p.x;
          if (place[2] * degree < o.room) return;
        }
        var tries = o.gap ? beside(p, label) : [[p.x - label.w / 2, p.y - label.h / 2]];
        if (o.dot) {
          var spot = [p.x - 3, p.y - 3, p.x + 3, p.y + 3];
          if (overlaps(spot, taken)) return;
          tries = tries.slice(0, 4);
        }
        tries.forEach(function (t, rank) {
          var box = [t[0] - 2, t[1], t[0] + label.w + 2, t[1] + label.h];
          if (box[0] < 2 || box[1] < 2 || box[2] > size.x - 2 || box[3] > size.y - 2) return;
          if (overlaps(box, taken)) return;
          var touched = hits(cells, box, 40);
          if (!o.must && touched) return;
          var total = touched * 4 + rank + index;
          if (total < cost) { cost = total; best = { box: box, at: t, point: p }; }
        });
      });
      if (!best) return;
      taken.push(best.box);
      if (label.dot) taken.push([best.point.x - 4, best.point.y - 4, best.point.x + 4, best.point.y + 4]);
      shown.push([label, best]);
    });
    shown.forEach(function (pair) {
      var label = pair[0], best = pair[1];
      L.DomUtil.setPosition(label.el, map.containerPointToLayerPoint(best.at).round());
      label.el.style.visibility = "visible";
      if (label.dot) {
        L.DomUtil.setPosition(label.dot, map.containerPointToLayerPoint(best.point).round());
        label.dot.style.visibility = "visible";
      }
    });
  }

  return {
    add: add,
    place: place,
    keepOff: function (lines) { route = lines; },
    // A name in several groups stays while one of them is shown.
    toggle: function (group, on) { if (on) off.delete(group); else off.add(group); }
  };
}

railroute.labels = labels;
})();
