/** After so long, in ms, a stream that the browser has given up is asked for again. */
const RETRY = 2_000;

/**
 * Listens to the server for as long as the page is open.
 * @param {{ onWhole(message), onChange(message), onLost() }} listener
 */
export function connect(listener) {
  const source = new EventSource("/events");
  source.addEventListener("whole", ({ data }) => listener.onWhole(JSON.parse(data)));
  source.addEventListener("change", ({ data }) => listener.onChange(JSON.parse(data)));
  source.addEventListener("error", () => {
    listener.onLost();
    // A browser comes back by itself where a connection breaks, not where the answer was an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(listener), RETRY);
  });
}
