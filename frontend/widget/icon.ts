// Drawn, not typed: a sign from a font is an empty box on machines that lack it.
const SVG = "http://www.w3.org/2000/svg";
const CLIP = "M21.4 11.1l-9.2 9.2a6 6 0 0 1-8.5-8.5l9.2-9.2a4 4 0 0 1 5.7 5.7l-9.2 9.2a2 2 0 0 1-2.8-2.8l8.5-8.5";

/** A paper clip in the colour of the text around it; hidden from screen readers. */
export function clip(): SVGSVGElement {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", CLIP);
  icon.append(line);
  return icon;
}
