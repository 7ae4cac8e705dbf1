// The contrast of every text with what is behind it, as WCAG 2.2 computes it. The page must fit into the viewport.
() => {
  const hidden = new Set(["STYLE", "SCRIPT", "TITLE", "DESC"]);
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.textContent.trim() || hidden.has(parent.tagName.toUpperCase())) continue;
    if (!parent.checkVisibility({visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width >= 1);
    if (!boxes.length) continue;
    const style = getComputedStyle(parent), in_svg = !!parent.closest("svg");
    const ink = parse(in_svg ? style.fill : style.color);
    let worst = Infinity;
    for (const box of boxes)
      for (const share of [0.02, 0.25, 0.5, 0.75, 0.98]) {
        const behind = backdrop(box.left + share * box.width, box.top + box.height / 2, parent);
        worst = Math.min(worst, behind ? ratio(over(ink, behind), behind) : 1);
      }
    found.push({text: node.textContent.trim().slice(0, 60), contrast: worst});
  }
  return found;

  function backdrop(x, y, own) {
    let colour = [255, 255, 255, 1];
    const stack = document.elementsFromPoint(x, y).reverse();
    for (const element of stack) {
      if (element === own && element instanceof SVGElement) break;
      const style = getComputedStyle(element);
      if (element instanceof SVGGeometryElement) {
        if (style.fill === "none" || !inside(element, x, y)) continue;
        if (style.fill.startsWith("url")) {
          colour = null;  // hatching: no colour, until something opaque covers it
          continue;
        }
        const fill = parse(style.fill);
        fill[3] *= parseFloat(style.fillOpacity) * parseFloat(style.opacity);
        colour = colour || fill[3] === 1 ? over(fill, colour || fill) : null;
      } else if (!(element instanceof SVGElement)) {
        colour = over(parse(style.backgroundColor), colour || [255, 255, 255, 1]);
        if (element === own) break;
      }
    }
    return colour;
  }
  function inside(shape, x, y) {
    const matrix = shape.getScreenCTM();
    return matrix ? shape.isPointInFill(new DOMPoint(x, y).matrixTransform(matrix.inverse())) : false;
  }
  function parse(text) {
    const [red, green, blue, alpha] = text.match(/[\d.]+/g).map(Number);
    return [red, green, blue, alpha === undefined ? 1 : alpha];
  }
  function over(front, back) {
    return [0, 1, 2].map((n) => front[3] * front[n] + (1 - front[3]) * back[n]).concat(1);
  }
  function ratio(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  }
  function luminance(colour) {
    const linear = colour.slice(0, 3).map((n) => n / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }
}
