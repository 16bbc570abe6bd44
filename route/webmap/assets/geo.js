// Decoding, positions along the way, and the sun. Pure functions.
(function () {
"use strict";
var DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
var VALUE = {};
for (var i = 0; i < 64; i++) VALUE[DIGITS[i]] = i;
var RAD = Math.PI / 180;

// Whole numbers of route.webmap.basemap.encode: zigzag differences, `width` of them to a point.
function numbers(text, width, scale) {
  var out = [], last = new Array(width).fill(0), row = [], value = 0, shift = 0;
  for (var k = 0; k < text.length; k++) {
    var digit = VALUE[text[k]];
    value += (digit & 31) * Math.pow(2, shift);
    if (digit & 32) { shift += 5; continue; }
    last[row.length] += value % 2 ? -(value + 1) / 2 : value / 2;
    row.push(last[row.length] / scale);
    if (row.length === width) { out.push(row); row = []; }
    value = 0; shift = 0;
  }
  return out;
}

function latLngs(text, scale) {
  return numbers(text, 2, scale).map(function (p) { return [p[1], p[0]]; });
}

// Index of the last row whose value is at most `value`, at least 0 and at most length - 2.
function before(rows, key, value) {
  var low = 0, high = rows.length - 1;
  while (high - low > 1) {
    var middle = (low + high) >> 1;
    if (rows[middle][key] <= value) low = middle; else high = middle;
  }
  return low;
}

function between(rows, from, to, value) {
  var a = rows[before(rows, from, value)], b = rows[Math.min(before(rows, from, value) + 1, rows.length - 1)];
  var span = b[from] - a[from];
  var share = span > 0 ? Math.min(Math.max((value - a[from]) / span, 0), 1) : 1;
  return a[to] + share * (b[to] - a[to]);
}

// Declination and longitude of the point under the sun, degrees; the formula is that of route.webmap.sun.
function sun(ms) {
  var d = (ms / 1000 - 946728000) / 86400;
  var g = (357.529 + 0.98560028 * d) * RAD;
  var l = (280.459 + 0.98564736 * d + 1.915 * Math.sin(g) + 0.02 * Math.sin(2 * g)) * RAD;
  var e = (23.439 - 0.00000036 * d) * RAD;
  var right = Math.atan2(Math.cos(e) * Math.sin(l), Math.cos(l)) / RAD;
  var sidereal = 280.46061837 + 360.98564736629 * d;
  var lon = right - sidereal;
  return { lat: Math.asin(Math.sin(e) * Math.sin(l)) / RAD, lon: ((lon + 180) % 360 + 360) % 360 - 180 };
}

function altitude(ms, lat, lon) {
  var s = sun(ms);
  return Math.asin(Math.sin(lat * RAD) * Math.sin(s.lat * RAD)
    + Math.cos(lat * RAD) * Math.cos(s.lat * RAD) * Math.cos((lon - s.lon) * RAD)) / RAD;
}

// Where the sun stands lower than `limit` degrees: a ring round the point opposite to it, over three worlds.
function dark(ms, limit, middle) {
  var s = sun(ms), lat0 = -s.lat, lon0 = s.lon + 180, radius = 90 + limit, ring = [];
  for (var turn = 0; turn < 360; turn += 2) {
    var lat = Math.asin(Math.sin(lat0 * RAD) * Math.cos(radius * RAD)
      + Math.cos(lat0 * RAD) * Math.sin(radius * RAD) * Math.cos(turn * RAD)) / RAD;
    var lon = lon0 + Math.atan2(Math.sin(turn * RAD) * Math.sin(radius * RAD) * Math.cos(lat0 * RAD),
      Math.cos(radius * RAD) - Math.sin(lat0 * RAD) * Math.sin(lat * RAD)) / RAD;
    ring.push([lat, lon]);
  }
  var pole = lat0 + radius > 90 ? 90 : lat0 - radius < -90 ? -90 : null;
  if (pole === null) {
    return [-360, 0, 360].map(function (shift) {
      var off = shift + 360 * Math.round((middle - lon0) / 360);
      return ring.map(function (p) { return [p[0], lon0 + ((p[1] - lon0 + 540) % 360 - 180) + off]; });
    });
  }
  var edge = pole < 0 ? -86 : 86, west = middle - 180, line = ring.map(function (p) {
    return [p[0], west + ((p[1] - west) % 360 + 360) % 360];
  }).sort(function (a, b) { return a[1] - b[1]; });
  var long = [];
  [-360, 0, 360].forEach(function (shift) {
    line.forEach(function (p) { long.push([p[0], p[1] + shift]); });
  });
  return [[[edge, long[0][1]]].concat(long, [[edge, long[long.length - 1][1]]])];
}

railroute.geo = { numbers: numbers, latLngs: latLngs, before: before, between: between, altitude: altitude, dark: dark };
})();
