// Server-sent events of the answer to a POST, which EventSource does not send.

/** The events of a body as they come: { name, data }, data from JSON. What breaks off behind the last is left out. */
export async function* eventsOf(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let over = false; !over; ) {
      const { done, value } = await reader.read();
      over = done;
      const parts = (rest + decoder.decode(value, { stream: !done })).split("\n\n");
      rest = parts.pop();
      for (const part of parts) yield eventOf(part);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(text) {
  const fields = new Map(text.split("\n").map((line) => line.split(/: ?(.*)/s)));
  return { name: fields.get("event"), data: JSON.parse(fields.get("data")) };
}
