"use strict";

/* LeNet-5 (section II.B of the paper) for one image at a time, in plain JavaScript.

   It computes what src/lenet5/models/ computes, on the weights that were trained there; a test lets both answer for
   the same images. Sums are taken in 64 bits and kept in 32. */

const AMPLITUDE = 1.7159;
const SLOPE = 2 / 3;
const KERNEL = 5;

/** The squashing function f(a) = A tanh(S a) of a list of sums. */
function squash(sums) {
  return Float32Array.from(sums, (sum) => AMPLITUDE * Math.tanh(SLOPE * sum));
}

/** C1, C3: 5x5 convolutions; `links` says for each kernel which map it adds to and which it reads: [output, input]. */
function convolve(maps, weight, bias, links) {
  const side = maps.side - KERNEL + 1;
  const sums = new Float64Array(bias.length * side * side);
  bias.forEach((value, map) => sums.fill(value, map * side * side, (map + 1) * side * side));
  links.forEach(([output, input], link) => {
    for (let row = 0; row < KERNEL; row++) {
      for (let column = 0; column < KERNEL; column++) {
        const factor = weight[(link * KERNEL + row) * KERNEL + column];
        for (let y = 0; y < side; y++) {
          const to = (output * side + y) * side;
          const from = (input * maps.side + y + row) * maps.side + column;
          for (let x = 0; x < side; x++) sums[to + x] += factor * maps.values[from + x];
        }
      }
    }
  });
  return { count: bias.length, side, values: squash(sums) };
}

/** S2, S4: the four units of a square are added, times the map's coefficient, plus its bias. */
function subsample(maps, coefficient, bias) {
  const side = maps.side / 2;
  const sums = new Float64Array(maps.count * side * side);
  for (let unit = 0; unit < sums.length; unit++) {
    const map = Math.floor(unit / (side * side));
    const y = Math.floor(unit / side) % side;
    const corner = (map * maps.side + 2 * y) * maps.side + 2 * (unit % side);
    const upper = maps.values[corner] + maps.values[corner + 1];
    const lower = maps.values[corner + maps.side] + maps.values[corner + maps.side + 1];
    sums[unit] = coefficient[map] * (upper + lower) + bias[map];
  }
  return { count: maps.count, side, values: squash(sums) };
}

/** C5, F6: each unit reads all inputs. */
function connect(inputs, weight, bias) {
  const sums = Float64Array.from(bias, (value, unit) => {
    const row = weight.subarray(unit * inputs.length, (unit + 1) * inputs.length);
    return row.reduce((sum, factor, input) => sum + factor * inputs[input], value);
  });
  return squash(sums);
}

/** Base64 of little-endian 32-bit floats. */
function decodeFloats(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, position) => view.getFloat32(4 * position, true));
}

/** A trained network with the RBF output; `exported` is what exported.py writes. */
class LeNet5 {
  constructor(exported) {
    this.links = exported.links;
    this.codes = exported.codes;
    this.energyScale = exported.energy_scale;
    this.rejectAbove = exported.reject_above;
    this.tensors = Object.fromEntries(
      Object.entries(exported.tensors).map(([name, text]) => [name, decodeFloats(text)]),
    );
  }

  /** All layers for one image of 32x32 numbers from -0.1 (background) to 1.175 (ink); `penalties` are the ten y_i. */
  layers(image) {
    const t = this.tensors;
    const input = { count: 1, side: 32, values: image };
    const c1 = convolve(input, t["c1.weight"], t["c1.bias"], this.links.c1);
    const s2 = subsample(c1, t["s2.coefficient"], t["s2.bias"]);
    const c3 = convolve(s2, t["c3.weight"], t["c3.bias"], this.links.c3);
    const s4 = subsample(c3, t["s4.coefficient"], t["s4.bias"]);
    const c5 = connect(s4.values, t["c5.weight"], t["c5.bias"]);
    const f6 = connect(c5, t["f6.weight"], t["f6.bias"]);
    return { input, c1, s2, c3, s4, c5, f6, penalties: this.codes.map((code) => squaredDistance(f6, code)) };
  }

  /** The ten digits' probabilities, on penalties scaled as in training (eq. 9 without its rubbish class). */
  probabilities(penalties) {
    const least = Math.min(...penalties);
    const parts = penalties.map((penalty) => Math.exp(this.energyScale * (least - penalty)));
    const total = parts.reduce((sum, part) => sum + part);
    return parts.map((part) => part / total);
  }

  /** The digit of the least penalty, or null for a pattern that is farther from all ten than the rubbish class. */
  digit(penalties) {
    const least = Math.min(...penalties);
    return least > this.rejectAbove ? null : penalties.indexOf(least);
  }
}

/** The penalty of a class: how far F6 is from its code. */
function squaredDistance(units, code) {
  return code.reduce((sum, pixel, position) => sum + (units[position] - pixel) ** 2, 0);
}
