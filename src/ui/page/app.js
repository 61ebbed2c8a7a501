import { Announcer } from "./announcer.js";
import { drawChart } from "./chart.js";
import { connect } from "./connection.js";
import { showLost, showOverview } from "./overview.js";
import { forgetRunning, showRunning } from "./running.js";
import { Results } from "./results.js";

const results = new Results();
const announcer = new Announcer();

connect({
  onWhole(message) {
    results.clear();
    // The server may be another one, whose transfers have the same ids.
    forgetRunning();
    results.add(message.results);
    show(message);
  },
  onChange(message) {
    results.add(message.results);
    announcer.announce(message.results);
    show(message);
  },
  onLost: showLost,
});

function show(message) {
  showOverview(message);
  drawChart(message.throughput);
  showRunning(message.running, message.runningCount);
}
