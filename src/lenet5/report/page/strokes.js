"use strict";

/* From pen strokes to an image as MNIST's were made: the digit scaled to fit a box of 20x20 pixels with its proportions
   kept, grey at the edges, its centre of mass in the middle of 28x28 pixels; then two pixels of margin (section II.B).

   A stroke is a list of points [x, y]; the unit does not matter. */

const SIDE = 28;
const BOX = 20;
const MARGIN = 2;
const PEN = 2.3; // pixels: as broad as MNIST's strokes are on average
const BACKGROUND = -0.1;
const FOREGROUND = 1.175;

/** Ink from 0 to 1 in 28x28 pixels. */
function rasterise(strokes) {
  const fitted = fitToBox(strokes);
  const [x, y] = centreOfMass(inked(fitted));
  return inked(moved(fitted, SIDE / 2 - x, SIDE / 2 - y));
}

/** 28x28 of ink as the network's input: 32x32 numbers from -0.1 to 1.175. */
function networkInput(ink) {
  const side = SIDE + 2 * MARGIN;
  const image = new Float32Array(side * side).fill(BACKGROUND);
  ink.forEach((value, pixel) => {
    const row = Math.floor(pixel / SIDE) + MARGIN;
    image[row * side + (pixel % SIDE) + MARGIN] = BACKGROUND + (FOREGROUND - BACKGROUND) * value;
  });
  return image;
}

/** The strokes scaled so that they fill the box with the pen's breadth, in the middle of the field. */
function fitToBox(strokes) {
  const points = strokes.flat();
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, bottom - top);
  const scale = extent > 0 ? (BOX - PEN) / extent : 1;
  const place = (value, low, high) => SIDE / 2 + (value - (low + high) / 2) * scale;
  return strokes.map((stroke) => stroke.map(([x, y]) => [place(x, left, right), place(y, top, bottom)]));
}

function moved(strokes, dx, dy) {
  return strokes.map((stroke) => stroke.map(([x, y]) => [x + dx, y + dy]));
}

/** How much of each pixel a round pen covers; half a pixel from its edge, a pixel is half covered. */
function inked(strokes) {
  return Float32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
    const centre = [(pixel % SIDE) + 0.5, Math.floor(pixel / SIDE) + 0.5];
    const distance = Math.min(...strokes.map((stroke) => distanceToStroke(centre, stroke)));
    return Math.min(Math.max(PEN / 2 - distance + 0.5, 0), 1);
  });
}

function distanceToStroke(point, stroke) {
  let least = distanceToSegment(point, stroke[0], stroke[0]);
  for (let end = 1; end < stroke.length; end++) {
    least = Math.min(least, distanceToSegment(point, stroke[end - 1], stroke[end]));
  }
  return least;
}

function distanceToSegment([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const along = length > 0 ? Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / length, 0), 1) : 0;
  return Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

function centreOfMass(ink) {
  let [total, x, y] = [0, 0, 0];
  ink.forEach((value, pixel) => {
    total += value;
    x += value * ((pixel % SIDE) + 0.5);
    y += value * (Math.floor(pixel / SIDE) + 0.5);
  });
  return [x / total, y / total];
}

/** Digits for those who cannot or will not draw: points from 0 to 100. */
const EXAMPLES = [
  [[[52, 8], [36, 14], [25, 32], [22, 54], [28, 76], [42, 91], [58, 90], [72, 76], [78, 54], [76, 32], [66, 14], [52, 8]]],
  [[[56, 8], [53, 36], [50, 64], [47, 92]]],
  [[[26, 28], [32, 14], [48, 8], [64, 13], [70, 28], [64, 46], [48, 64], [32, 80], [24, 90], [46, 88], [76, 89]]],
  [[[28, 18], [40, 9], [56, 8], [68, 17], [67, 33], [56, 43], [44, 46], [60, 50], [71, 62], [69, 80], [56, 91], [38, 91], [26, 82]]],
  [[[32, 10], [28, 30], [26, 50], [46, 52], [74, 48]], [[68, 12], [66, 40], [63, 66], [60, 92]]],
  [[[72, 10], [54, 10], [36, 11], [33, 28], [30, 44], [44, 40], [60, 44], [70, 56], [70, 74], [58, 88], [42, 91], [27, 84]]],
  [[[64, 8], [48, 20], [36, 38], [29, 58], [29, 76], [38, 90], [54, 92], [67, 82], [68, 66], [57, 56], [42, 60], [31, 72]]],
  [[[24, 14], [48, 12], [76, 12], [66, 34], [56, 58], [48, 92]]],
  [[[66, 16], [50, 8], [36, 16], [36, 32], [50, 46], [64, 60], [68, 78], [54, 92], [38, 86], [34, 70], [46, 54], [62, 38], [68, 24], [64, 14]]],
  [[[68, 24], [56, 10], [40, 12], [31, 26], [36, 42], [52, 46], [66, 36], [69, 22], [67, 50], [62, 72], [54, 92]]],
];
