// Small tools of the page: elements, sentences, clocks, popups.
window.railroute = {};
railroute.kit = function (data) {
"use strict";
function say(key, values) {
  return data.words[key].replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
}
function make(tag, style, text, parent) {
  var el = document.createElement(tag);
  if (style) el.className = style;
  if (text !== undefined && text !== null) el.textContent = text;
  if (parent) parent.appendChild(el);
  return el;
}
function span(seconds) {
  var minutes = Math.round(seconds / 60);
  if (minutes < 60) return say("minutes", { number: minutes });
  return say("hours_minutes", { hours: Math.floor(minutes / 60), minutes: ("0" + minutes % 60).slice(-2) });
}
var formats = {};
// Day and time on the clock of a zone; with the zone's name if asked for.
function clock(ms, zone, named) {
  var key = zone + (named ? "+" : "");
  if (!(key in formats)) {
    var options = { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    if (named) options.timeZoneName = "short";
    try {
      formats[key] = new Intl.DateTimeFormat(data.locale, options);
    } catch (error) {
      formats[key] = null;
    }
  }
  return formats[key] ? formats[key].format(new Date(ms)) : "";
}
// Sheet of a place or a leg; `of` names the journey of each part where there are several.
function popup(parts, of) {
  var el = make("div", "sheet");
  make("h2", "", parts[0].title, el);
  if (parts[0].names.length) {
    var other = make("p", "others", null, el);
    parts[0].names.forEach(function (n, i) {
      if (i) other.appendChild(document.createTextNode(" · "));
      make("span", "", n[0], other).lang = n[1];
    });
  }
  parts.forEach(function (part, index) {
    if (of) {
      var head = make("h3", "", null, el);
      make("b", "letter " + of[index].style, of[index].letter, head);
      head.appendChild(document.createTextNode(" " + of[index].name));
    }
    var list = make("dl", "", null, el);
    part.rows.forEach(function (row) { make("dt", "", row[0], list); make("dd", "", row[1], list); });
    part.notes.forEach(function (note) {
      var block = make("div", "told" + (note.doubted ? " doubted" : ""), null, el);
      make("b", "", note.title, block);
      make("span", "", note.text, block);
      if (note.wording) make("q", "", note.wording, block);
      [note.source, note.note].filter(Boolean).forEach(function (text) { make("small", "", text, block); });
    });
  });
  return el;
}
return {
  say: say, make: make, span: span, clock: clock, popup: popup,
  find: function (id) { return document.getElementById(id); },
  calm: window.matchMedia("(prefers-reduced-motion: reduce)").matches
};
};
