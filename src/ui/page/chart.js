import { byId, setText } from "./elements.js";

/** Draws the last 300 seconds into an area of 300 by 100, the newest second on the right. */
export function drawChart({ samples, top, topText, nowText, peakText }) {
  const last = samples.length - 1;
  const points = samples.map((rate, index) => `${round((index * 300) / last)} ${round(100 - (rate * 100) / top)}`);
  byId("chart-line").setAttribute("d", `M${points.join("L")}`);
  byId("chart-area").setAttribute("d", `M0 100L${points.join("L")}L300 100Z`);
  setText(byId("chart-top"), topText);
  setText(byId("throughput-summary"), `${nowText} now, peak ${peakText} in the last 5 minutes`);
}

function round(value) {
  return Math.round(value * 100) / 100;
}
