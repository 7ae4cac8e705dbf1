// What a reader sees, measured in the page. Returns data; the tests judge.
() => {
  const hidden = new Set(["STYLE", "SCRIPT", "TITLE", "DESC"]);
  const found = [];
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.textContent.trim() || hidden.has(parent.tagName.toUpperCase())) continue;
    if (!parent.checkVisibility({visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      const place = parent.closest("svg") || clipping(parent);
      const bounds = place ? place.getBoundingClientRect() : null;
      found.push({
        text: node.textContent.trim().slice(0, 60), in_svg: !!parent.closest("svg"),
        left: box.left, right: box.right, top: box.top + scrollY, bottom: box.bottom + scrollY,
        bounds: bounds && {left: bounds.left, right: bounds.right, top: bounds.top + scrollY, bottom: bounds.bottom + scrollY},
      });
    }
  }
  return {width: innerWidth, scrolls: document.documentElement.scrollWidth, texts: found};

  function clipping(element) {
    for (; element && element !== document.body; element = element.parentElement)
      if (getComputedStyle(element).overflowX !== "visible") return element;
    return null;
  }
}
