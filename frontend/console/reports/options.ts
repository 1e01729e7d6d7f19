// How a chart is drawn. ECharts 5 option reference: yAxis.minInterval.
import type { Series } from "./series.ts";

/** `counts`: what is counted has no halves, though a forecast of it does. */
export interface Drawn { labels: string[]; series: Series[]; ink: string; counts?: boolean }

export function options({ labels, series, ink, counts }: Drawn) {
  const whole = counts || series.every((item) => item.data.every((value) => Number.isInteger(value ?? 0)));
  return {
    animation: false, textStyle: { color: ink },
    // Drawn, not written as HTML with style attributes, which the page's policy refuses.
    tooltip: { trigger: "axis" as const, renderMode: "richText" as const },
    legend: { textStyle: { color: ink }, data: series.filter((item) => item.band !== "low").map((item) => item.name) },
    grid: { left: 48, right: 12, top: 34, bottom: 44 },
    xAxis: { type: "category" as const, data: labels, axisLabel: { color: ink } },
    yAxis: { type: "value" as const, minInterval: whole ? 1 : undefined, axisLabel: { color: ink } },
    series: series.map((item) => ({
      name: item.name, type: item.kind ?? ("bar" as const), data: item.data, stack: item.stack, symbolSize: 7,
      // The lower edge of a band is drawn without a line, the band above it filled.
      ...(item.band === "low" ? { lineStyle: { opacity: 0 }, symbol: "none", silent: true } : {}),
      ...(item.band === "high" ? { lineStyle: { opacity: 0 }, symbol: "none", areaStyle: { opacity: 0.2 }, silent: true } : {}),
      ...(item.dashed ? { lineStyle: { type: "dashed" as const } } : {}),
    })),
  };
}
