// Drawings that can be enlarged and moved: by the wheel, two fingers, + and -, the arrow keys, or by dragging.
for (const canvas of document.querySelectorAll(".canvas")) {
  const svg = canvas.firstElementChild;
  const { width, height } = svg.viewBox.baseVal;
  const fingers = new Map();
  let scale = 1, left = 0, top = 0, moved = false;

  const move = (x, y) => {
    left = Math.min(width - width / scale, Math.max(0, left + x));
    top = Math.min(height - height / scale, Math.max(0, top + y));
    svg.setAttribute("viewBox", `${left} ${top} ${width / scale} ${height / scale}`);
    canvas.classList.toggle("moves", scale > 1);
  };
  const zoom = (by, x = 0.5, y = 0.5) => { // what is at (x, y), as shares of the drawing, stays there
    const next = Math.min(8, Math.max(1, scale * by));
    left += x * width * (1 / scale - 1 / next);
    top += y * height * (1 / scale - 1 / next);
    scale = next;
    move(0, 0);
  };
  const zoomAt = (by, x, y) => {
    const box = svg.getBoundingClientRect();
    zoom(by, (x - box.left) / box.width, (y - box.top) / box.height);
  };
  const step = 60;
  const keys = {
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: () => zoom(0),
    ArrowLeft: () => move(-step / scale, 0), ArrowRight: () => move(step / scale, 0),
    ArrowUp: () => move(0, -step / scale), ArrowDown: () => move(0, step / scale),
  };
  canvas.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || (event.key.startsWith("A") && scale === 1)) return;
    event.preventDefault();
    keys[event.key]();
  });
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && scale === 1) return; // the page scrolls
    event.preventDefault();
    if (event.ctrlKey) zoomAt(Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
    else move(event.deltaX / scale, event.deltaY / scale);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    moved = false;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
    if (other) {
      const apart = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
      zoomAt(apart(event) / Math.max(1, apart(before)), other.clientX, other.clientY);
    } else if (event.pointerType === "mouse" || scale > 1) {
      const share = width / scale / svg.getBoundingClientRect().width;
      move((before.clientX - event.clientX) * share, (before.clientY - event.clientY) * share);
    }
    moved ||= Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) > 3;
    fingers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("click", (event) => moved && event.preventDefault(), true);
  canvas.addEventListener("dragstart", (event) => event.preventDefault());
}
