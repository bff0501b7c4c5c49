"use strict";

/* The box to draw in: pen strokes in, the network's answer and its layers out. */

const PAPER = 100; // the unit of strokes: a hundredth of the box
const SHOWN_PEN = 9;
const FIRST_EXAMPLE = 4;

const byId = (id) => document.getElementById(id);
const percent = (share) => `${(100 * share).toFixed(share > 0.995 || share < 0.005 ? 1 : 0)} %`;

class DrawingBox {
  constructor(network) {
    this.network = network;
    this.paper = byId("paper");
    this.strokes = [];
    this.isExample = false;
    this.waiting = false;
    network.codes.forEach((code, digit) => paintBitmap(byId(`code-${digit}`), code));
    this.listen();
    this.showExample(FIRST_EXAMPLE);
  }

  listen() {
    this.paper.addEventListener("pointerdown", (event) => this.startStroke(event));
    this.paper.addEventListener("pointermove", (event) => this.goOn(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.paper.addEventListener(end, () => this.endStroke());
    }
    byId("clear").addEventListener("click", () => this.clear());
    for (const button of document.querySelectorAll("[data-example]")) {
      button.addEventListener("click", () => this.showExample(Number(button.dataset.example)));
    }
    for (const button of document.querySelectorAll("[data-mistake]")) {
      button.addEventListener("click", () => this.showPattern(button.querySelector("img")));
    }
  }

  startStroke(event) {
    if (event.button !== 0 || !event.isPrimary) return;
    if (this.isExample) this.clear();
    this.paper.setPointerCapture(event.pointerId);
    this.strokes.push([this.place(event)]);
    this.update();
  }

  goOn(event) {
    if (!this.paper.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.strokes.at(-1).push(this.place(each));
    this.update();
  }

  endStroke() {
    if (this.strokes.length) this.readStrokes();
    this.say();
  }

  /** Where on the paper an event is. */
  place(event) {
    const box = this.paper.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * PAPER, ((event.clientY - box.top) / box.height) * PAPER];
  }

  clear() {
    this.strokes = [];
    this.isExample = false;
    this.wipe();
    byId("bench").dataset.state = "empty";
    byId("answer").textContent = "";
    byId("reason").textContent = "Draw a digit, as large as you like.";
  }

  showExample(digit) {
    this.strokes = EXAMPLES[digit];
    this.isExample = true;
    this.readStrokes();
    this.say();
  }

  /** One of MNIST's own patterns, as the network was given it. */
  showPattern(picture) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = picture.naturalWidth;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const ink = Float32Array.from({ length: data.length / 4 }, (_, pixel) => 1 - data[4 * pixel] / 255);
    this.strokes = [];
    this.isExample = true;
    this.wipe().drawImage(picture, 0, 0, this.paper.width, this.paper.height);
    this.show(this.network.layers(ink.map((value) => BACKGROUND + (FOREGROUND - BACKGROUND) * value)));
    this.say();
    byId("bench").scrollIntoView({ block: "center" });
    this.paper.focus({ preventScroll: true });
  }

  /** Reads the strokes before the next frame, however many events come until then. */
  update() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      if (this.strokes.length) this.readStrokes();
    });
  }

  readStrokes() {
    this.drawStrokes();
    this.show(this.network.layers(networkInput(rasterise(this.strokes))));
  }

  wipe() {
    const context = this.paper.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.imageSmoothingEnabled = false;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, this.paper.width, this.paper.height);
    return context;
  }

  drawStrokes() {
    const context = this.wipe();
    context.scale(this.paper.width / PAPER, this.paper.height / PAPER);
    context.lineWidth = SHOWN_PEN;
    context.lineCap = context.lineJoin = "round";
    context.strokeStyle = "#111";
    for (const stroke of this.strokes) {
      context.beginPath();
      context.moveTo(...stroke[0]);
      for (const point of stroke) context.lineTo(...point);
      context.stroke();
    }
  }

  show(layers) {
    paintImage(byId("input"), layers.input.values);
    paintMaps(byId("c1"), layers.c1, Math.min(layers.c1.count, 6), 1);
    paintMaps(byId("c3"), layers.c3, Math.min(layers.c3.count, 8), 1);
    paintBitmap(byId("f6"), layers.f6);
    const nearest = layers.penalties.indexOf(Math.min(...layers.penalties));
    paintBitmap(byId("nearest"), this.network.codes[nearest]);
    this.showClasses(layers.penalties, nearest);
    this.showAnswer(layers.penalties, nearest);
  }

  showClasses(penalties, nearest) {
    this.network.probabilities(penalties).forEach((probability, digit) => {
      const entry = byId(`class-${digit}`);
      entry.classList.toggle("nearest", digit === nearest);
      entry.querySelector(".penalty").textContent = penalties[digit].toFixed(1);
      entry.querySelector(".probability").textContent = percent(probability);
      entry.querySelector(".bar").style.width = `${100 * probability}%`;
    });
  }

  showAnswer(penalties, nearest) {
    const digit = this.network.digit(penalties);
    const sure = percent(Math.max(...this.network.probabilities(penalties)));
    const far = `penalty ${penalties[nearest].toFixed(1)}`;
    byId("bench").dataset.state = digit === null ? "rejected" : "read";
    byId("answer").textContent = digit ?? "?";
    byId("nearest-name").textContent = nearest;
    byId("reason").textContent =
      digit === null
        ? `None of the ten: the nearest, ${nearest}, is too far (${far}, at most ${this.network.rejectAbove.toFixed(1)}).`
        : `${sure} sure, ${far}.`;
  }

  /** Tells those who listen instead of looking, once a stroke has ended. */
  say() {
    if (byId("bench").dataset.state === "empty") return;
    byId("said").textContent = `The network reads: ${byId("answer").textContent}. ${byId("reason").textContent}`;
  }
}

byId("switched-off").hidden = true;
byId("bench").hidden = false;
new DrawingBox(new LeNet5(JSON.parse(byId("network").textContent)));
