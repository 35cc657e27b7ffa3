// workerd's inspector, which tells of one isolate.

/** A session with the inspector of one Worker. */
export async function connect(url, target) {
  const list = await (await fetch(`http://${url.host}/json`)).json();
  const found = list.find(({ id, title }) => [id, title].some((text) => text?.endsWith(target)));
  if (!found) throw new Error(`no ${target} among ${list.map(({ id }) => id).join(", ")}`);
  const socket = new WebSocket(`ws://${url.host}/${found.id}`);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the inspector did not answer"));
  });
  const waiting = new Map();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    const one = waiting.get(id);
    waiting.delete(id);
    if (error) one?.reject(new Error(error.message));
    else one?.resolve(result);
  };
  return {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    close: () => socket.close(),
  };
}
