/** How long to wait before a stream that the browser gave up is opened again, in ms. */
const RETRY = 2_000;

/**
 * Receives updates from the server as long as the page is open.
 * @param {{ onWhole(message), onChange(message), onLost() }} listener
 */
export function connect(listener) {
  const source = new EventSource("/events");
  source.addEventListener("whole", ({ data }) => listener.onWhole(JSON.parse(data)));
  source.addEventListener("change", ({ data }) => listener.onChange(JSON.parse(data)));
  source.addEventListener("error", () => {
    listener.onLost();
    // A browser reconnects by itself if the connection breaks, but not if the response was an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => connect(listener), RETRY);
  });
}
