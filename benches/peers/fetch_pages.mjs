// Reads the pages with Node's fetch; prints the CPU nanoseconds a message.
const [kind, url, chat, page, total, instance, token] = process.argv.slice(2);
const NEWEST = 1760000000;

async function green() {
  const answer = await fetch(`${url}/waInstance${instance}/getChatHistory/${token}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ chatId: `${chat}@c.us`, count: Number(total) }),
  });
  return (await answer.json()).filter((entry) => entry.idMessage && entry.textMessage !== 0).length;
}

async function waha() {
  let read = 0;
  let until = null;
  while (read < total) {
    const wanted = Math.min(page, total - read) + (until === null ? 0 : 1);
    const query = new URLSearchParams({ limit: wanted, downloadMedia: false });
    if (until !== null) query.set("filter.timestamp.lte", until);
    const answer = await fetch(`${url}/api/webjs/chats/${chat}%40c.us/messages?${query}`, {
      headers: { "x-api-key": "k" },
    });
    const rows = (await answer.json()).filter((message) => message.id && message.body !== 0).length;
    read += rows - (until === null ? 0 : 1);
    until = NEWEST + 1 - read;
  }
  return read;
}

const one = kind === "green-api" ? green : waha;
for (let n = 0; n < 5; n++) await one(); // let the compiler warm up
const before = process.cpuUsage();
let messages = 0;
for (let n = 0; n < (kind === "green-api" ? 10 : 3); n++) messages += await one();
const spent = process.cpuUsage(before);
console.log(((spent.user + spent.system) * 1000) / messages);
