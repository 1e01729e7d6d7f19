import assert from "node:assert/strict";
import { test } from "node:test";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { options } from "../console/reports/options.ts";
import { contactsChart, type Outlook } from "../console/reports/series.ts";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

/** The numbers that ECharts itself writes along the axis of a quiet shop's forecast. */
function axis(counts: boolean): number[] {
  const outlook: Outlook["contacts"] = {
    basis: "plan", past: [{ day: "a", count: 1 }, { day: "b", count: 0 }],
    ahead: [{ day: "c", expected: 0.7, low80: 0, high80: 1.6, low95: 0, high95: 2 }],
  };
  const drawn = contactsChart(outlook, { came: "came", expected: "expected", band: "band" });
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 480, height: 260 });
  chart.setOption(options({ ...drawn, ink: "#000", counts }));
  const written = [...chart.renderToSVGString().matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((found) => found[1]!);
  chart.dispose();
  return written.filter((text) => /^[\d.]+$/.test(text)).map(Number);
}

test("what is counted has an axis of whole numbers, also where a forecast has halves", () => {
  assert.ok(axis(true).length >= 2);
  assert.deepEqual(axis(true).filter((tick) => !Number.isInteger(tick)), []);
  assert.ok(axis(false).some((tick) => !Number.isInteger(tick)));
});
