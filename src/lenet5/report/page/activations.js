"use strict";

/* Shows what the layers of the network hold: white is -A, black is +A, the ends of the squashing function. */

const CODE_COLUMNS = 7;

/** Paints maps of a layer side by side, `columns` in a line, with a gap of `gap` pixels. */
function paintMaps(canvas, maps, columns, gap) {
  const lines = Math.ceil(maps.count / columns);
  canvas.width = columns * (maps.side + gap) - gap;
  canvas.height = lines * (maps.side + gap) - gap;
  const size = maps.side * maps.side;
  for (let map = 0; map < maps.count; map++) {
    const left = (map % columns) * (maps.side + gap);
    const top = Math.floor(map / columns) * (maps.side + gap);
    const values = maps.values.subarray(map * size, (map + 1) * size);
    paintPixels(canvas, values, maps.side, left, top, -AMPLITUDE, AMPLITUDE);
  }
}

/** Paints units of F6, or a code, as the bitmap of 7x12 that they stand for. */
function paintBitmap(canvas, units) {
  canvas.width = CODE_COLUMNS;
  canvas.height = units.length / CODE_COLUMNS;
  paintPixels(canvas, units, CODE_COLUMNS, 0, 0, -1, 1);
}

function paintImage(canvas, image) {
  canvas.width = canvas.height = Math.sqrt(image.length);
  paintPixels(canvas, image, canvas.width, 0, 0, BACKGROUND, FOREGROUND);
}

/** Paints values row by row in grey, from white at `low` to black at `high`. */
function paintPixels(canvas, values, columns, left, top, low, high) {
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(columns, values.length / columns);
  values.forEach((value, position) => {
    const grey = Math.round(255 * (1 - Math.min(Math.max((value - low) / (high - low), 0), 1)));
    pixels.data.set([grey, grey, grey, 255], 4 * position);
  });
  context.putImageData(pixels, left, top);
}
