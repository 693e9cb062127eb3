// `node send.cjs CLIENT ADDRESS KEY EVERYTHING`: one of the server clients for Node.js says everything (calls.py), then
// waits until it is sent. Only the host is set.
const [name, address, key, everything] = process.argv.slice(2);
const { at, traits, properties, context, group, page, screen } = JSON.parse(everything);
const timestamp = new Date(at);
const user = { userId: "user-1", context, timestamp };

function sayAll(client) {
  client.identify({ ...user, anonymousId: "anon-1", traits });
  client.track({ ...user, event: "Product Viewed", properties });
  client.page({ ...user, category: "Shop", name: "Robe", properties: page });
  client.screen?.({ ...user, category: "Shop", name: "Robe", properties: screen });
  client.group({ ...user, groupId: "group-1", traits: group });
  client.alias({ ...user, previousId: "anon-1" });
}

const CLIENTS = {
  async "@segment/analytics-node"() {
    const { Analytics } = require("@segment/analytics-node");
    const client = new Analytics({ writeKey: key, host: address });
    sayAll(client);
    await client.closeAndFlush();
  },
  async "analytics-node"() {
    const Analytics = require("analytics-node");
    const client = new Analytics(key, { host: address });
    sayAll(client);
    await client.flush();
  },
  async "@rudderstack/rudder-sdk-node"() {
    const Analytics = require("@rudderstack/rudder-sdk-node");
    const client = new Analytics(key, { dataPlaneUrl: address });
    sayAll(client);
    await client.flush();
  },
};

// It ends by itself when nothing is under way any more: some send their first call at once, beside the flush.
CLIENTS[name]().catch((error) => { console.error(error); process.exitCode = 1; });
