// The kit's colours where its own are too faint to read: WCAG 2.2 asks for 4.5 to 1, also
// for a word on a tint of itself, as tags are, and on a row that is chosen.
import type { GlobalThemeOverrides } from "naive-ui";

const signal = (name: string, [rest, over, pressed]: [string, string, string]): Record<string, string> => ({
  [`${name}Color`]: rest, [`${name}ColorHover`]: over, [`${name}ColorPressed`]: pressed, [`${name}ColorSuppl`]: over,
});

export const light: GlobalThemeOverrides = {
  common: {
    primaryColor: "#0b6e5d", primaryColorHover: "#0d806c", primaryColorPressed: "#095a4c",
    ...signal("info", ["#124c98", "#1a5fb8", "#0d3a75"]),
    ...signal("success", ["#085a34", "#0b6b3f", "#064527"]),
    ...signal("warning", ["#754000", "#8a4b00", "#5c3200"]),
    ...signal("error", ["#9c1f18", "#b3261e", "#7d1812"]),
    textColor3: "rgb(90,90,96)", placeholderColor: "rgb(105,105,112)",
  },
};

export const dark: GlobalThemeOverrides = {
  common: { textColor3: "rgba(255,255,255,.66)", placeholderColor: "rgba(255,255,255,.62)" },
};
