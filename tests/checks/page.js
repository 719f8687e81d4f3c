// SPDX-FileCopyrightText: the lvs.topology authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Looks at pages in frames of several widths, and writes what is wrong with them into the document.

const LEAST = 4.5;      // contrast of text, WCAG 2.1 AA
const LEAST_LARGE = 3;  // of large or large and bold text
const SLACK = 1.5;      // pixels
const PHONE = 600;      // narrower ones are held in a hand
const LEAST_SCALE = 0.9;
const LONGEST = 12;     // of words that fit on a line

function colour(text) {
  const parts = (text.match(/[\d.]+/g) || []).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((one) => {
    const part = one / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function mixed(top, below, share) {
  return top.map((one, at) => one * share + below[at] * (1 - share));
}

// What is painted behind a text: in a picture the last shape before it that is there, else a background.
function behind(element, rect, view) {
  const x = (rect.left + rect.right) / 2;
  const y = (rect.top + rect.bottom) / 2;
  const svg = element.closest("svg");
  if (svg) {
    const shapes = [...svg.querySelectorAll("rect")].filter((shape) => {
      const box = shape.getBoundingClientRect();
      const before = shape.compareDocumentPosition(element) & 4;
      return before && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom
        && view.getComputedStyle(shape).fill !== "none";
    });
    if (shapes.length) {
      return colour(view.getComputedStyle(shapes[shapes.length - 1]).fill).rgb;
    }
  }
  for (let at = element; at; at = at.parentElement) {
    const found = colour(view.getComputedStyle(at).backgroundColor);
    if (found.rgb.length === 3 && found.alpha === 1) {
      return found.rgb;
    }
  }
  return null;
}

function texts(page) {
  const found = [];
  const walker = page.createTreeWalker(page.body, 4);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (node.textContent.trim() && !parent.closest("style, title")) {
      const range = page.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0.5);
      const isBroken = rects.length > 1 && /^[A-Za-z]+$/.test(node.textContent.trim());
      for (const rect of rects) {
        found.push({ parent, rect, isBroken, text: node.textContent.trim().slice(0, 40) });
      }
    }
  }
  return found;
}

function look(frame) {
  const page = frame.contentDocument;
  const view = frame.contentWindow;
  const wrong = [];
  const width = view.innerWidth;
  if (page.documentElement.scrollWidth > width) {
    wrong.push(`scrolls sideways: ${page.documentElement.scrollWidth} of ${width} pixels`);
  }
  for (const picture of page.querySelectorAll("svg[viewBox]")) {
    const drawn = picture.getBoundingClientRect().width;
    if (width < PHONE && drawn && drawn < LEAST_SCALE * picture.viewBox.baseVal.width) {
      wrong.push("a picture is too small to read");
    }
  }
  const found = texts(page);
  for (const { parent, rect, isBroken, text } of found) {
    if (isBroken && text.length <= LONGEST) {
      wrong.push(`broken word: ${text}`);
    }
    const inside = parent.closest("svg");
    const box = inside ? inside.getBoundingClientRect() : { left: 0, right: width };
    if (rect.left < box.left - SLACK || rect.right > box.right + SLACK) {
      wrong.push(`cut: ${text}`);
    }
    const host = parent.closest("g.host");
    const edge = host && host.querySelector("rect.box").getBoundingClientRect();
    if (edge && rect.right > edge.right) {
      wrong.push(`leaves its box: ${text}`);
    }
    const style = view.getComputedStyle(parent);
    const below = behind(parent, rect, view);
    if (!below) {
      wrong.push(`no background: ${text}`);
      continue;
    }
    const share = Number(view.getComputedStyle(parent.closest("text") || parent).opacity);
    const own = mixed(colour(inside ? style.fill : style.color).rgb, below, share);
    const size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? LEAST_LARGE : LEAST;
    const ratio = contrast(own, below);
    if (!(ratio >= least)) {
      wrong.push(`contrast ${ratio.toFixed(2)}: ${text}`);
    }
  }
  const ordered = [...found].sort((one, other) => one.rect.top - other.rect.top);
  ordered.forEach((one, at) => {
    for (let next = at + 1; next < ordered.length; next += 1) {
      const other = ordered[next];
      if (other.rect.top > one.rect.bottom - 3) {
        break;
      }
      const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
      const down = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
      if (across > SLACK && down > 3) {
        wrong.push(`overlap: ${one.text} / ${other.text}`);
      }
    }
  });
  return { texts: found.length, wrong: [...new Set(wrong)] };
}

const told = {};
for (const { name, width, html } of JSON.parse(document.getElementById("pages").textContent)) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `border: 0; width: ${width}px; height: 900px`;
  frame.srcdoc = html;
  // The window counts as loaded, and is dumped, after that.
  frame.onload = () => {
    told[name] = look(frame);
    document.getElementById("told").textContent = JSON.stringify(told);
  };
  document.body.append(frame);
}
